-- Sessions that never settled are read back. What their calls have changed, and what others have, can't be told apart.
do $backfill$
declare
    t record;
begin
    if not exists (select from pg_temp.backfill_session s where not s.settled) then
        return;
    end if;
    for t in select s.* from pg_temp.backfill_shape s order by s.depth, s.place loop
        execute format(
            $sql$
            insert into pg_temp.backfill_undo (place, session_id, key, action, conflict)
            select %1$s, coalesce(c.session_id, i.session_id), coalesce(c.key, i.key),
                   case when i.before_record is null then 'delete' when c.key is null then 'reinsert' else 'restore' end,
                   'Unsettled'
            from (
                select s.session_id, %2$s as key, %3$s as record
                from %4$s cur
                join pg_temp.backfill_session s on s.session_id = cur.%5$s and not s.settled
            ) c
            full join (
                select i.session_id, i.key, i.before_record
                from pg_temp.backfill_image i
                join pg_temp.backfill_session s on s.session_id = i.session_id and not s.settled
                where i.place = %1$s
            ) i on i.key = c.key
            where c.record is distinct from i.before_record
            $sql$,
            t.place, t.key, t.record, t.quoted, t.session_column);
    end loop;
end
$backfill$
