-- The rule of a script: with Stop, conflicts end it before anything is changed.
do $backfill$
declare
    total bigint;
    list text;
begin
    select count(*) into total from pg_temp.backfill_undo u where u.conflict is not null;
    if total = 0 or (select q.on_conflict from pg_temp.backfill_request q) = 'Skip' then
        return;
    end if;
    select string_agg(c.line, e'\n') into list
    from (
        select format('%s %s of session %s: %s', t.name, u.key, u.session_id, coalesce(u.detail, u.conflict)) as line
        from pg_temp.backfill_undo u
        join pg_temp.backfill_shape t on t.place = u.place
        where u.conflict is not null
        order by t.place, u.key
    ) c;
    raise exception using
        errcode = 'BF002',
        message = format('%s rows are not as the run left them; nothing was changed. They stay as they are if on_conflict is set to Skip.', total),
        detail = list;
end
$backfill$
