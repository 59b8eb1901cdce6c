-- Rows that stay may keep others from being undone, upwards and downwards: looked at again until nothing is added.
do $backfill$
declare
    c record;
    n bigint;
    added boolean;
begin
    loop
        added = false;
        analyze pg_temp.backfill_undo;
        for c in select k.* from pg_temp.backfill_check k order by k.check_id loop
            continue when not exists (
                select from pg_temp.backfill_undo u where u.place = c.place and u.action = any (c.actions) and u.conflict is null);
            execute c.statement;
            -- FOUND says nothing of EXECUTE.
            get diagnostics n = row_count;
            added = added or n > 0;
        end loop;
        exit when not added;
    end loop;
end
$backfill$
