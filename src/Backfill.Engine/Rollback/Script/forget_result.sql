-- Figures of an earlier script must not pass for those of this one.
do $backfill$
begin
    if to_regclass('pg_temp.backfill_result') is not null then
        drop table pg_temp.backfill_result;
    end if;
end
$backfill$
