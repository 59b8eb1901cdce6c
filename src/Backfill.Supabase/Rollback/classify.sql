-- What each changed row needs, and whether it is still as the run left it. The rows are locked as they are read, so that
-- what is found here holds until the end; rows that refer to them can't come any more either.
do $backfill$
declare
    t record;
begin
    for t in
        select s.*, case when q.locks then 'for update of cur' else '' end as lock
        from pg_temp.backfill_shape s
        cross join pg_temp.backfill_request q
        order by s.depth, s.place
    loop
        execute format(
            $sql$
            insert into pg_temp.backfill_undo (place, session_id, key, action, conflict)
            select %1$s, x.session_id, x.key,
                   case when x.is_new then 'delete' else 'restore' end,
                   case when sha256(convert_to(%2$s, 'UTF8')) is distinct from x.after_sha256 then 'Changed' end
            from (
                select i.session_id, i.key, i.key::%3$s as k, i.before_record is null as is_new, i.after_sha256
                from pg_temp.backfill_image i
                join pg_temp.backfill_session s on s.session_id = i.session_id and s.settled
                where i.place = %1$s
                  and sha256(convert_to(i.before_record, 'UTF8')) is distinct from i.after_sha256
                -- The key is parsed once a row, not once a column.
                offset 0
            ) x
            join %4$s cur on %5$s
            %6$s
            $sql$,
            t.place, t.record, t.key_type, t.quoted, t.by_key, t.lock);
        analyze pg_temp.backfill_undo;
        execute format(
            $sql$
            insert into pg_temp.backfill_undo (place, session_id, key, action, conflict)
            select %1$s, i.session_id, i.key,
                   case when i.before_record is null then 'delete' else 'reinsert' end,
                   case when i.after_sha256 is not null then 'Deleted' end
            from (
                select i.*
                from pg_temp.backfill_image i
                join pg_temp.backfill_session s on s.session_id = i.session_id and s.settled
                where i.place = %1$s
                  and not exists (select from pg_temp.backfill_undo u where u.place = %1$s and u.key = i.key)
                offset 0
            ) i
            where sha256(convert_to(i.before_record, 'UTF8')) is distinct from i.after_sha256
            $sql$,
            t.place);
    end loop;
end
$backfill$
