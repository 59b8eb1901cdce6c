do $backfill$
begin
    if current_setting('standard_conforming_strings') <> 'on' then
        raise exception using
            errcode = 'BF007',
            message = 'This session has standard_conforming_strings off and would read the texts of this script otherwise; nothing was changed.';
    end if;
    {{settings}};
    {{rollback_settings}};
end
$backfill$
