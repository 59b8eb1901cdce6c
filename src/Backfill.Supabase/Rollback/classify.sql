-- What each changed row needs, and whether it is still as the run left it. The rows are locked as they are read, so that
-- what is found here holds until the end; rows that refer to them can't come any more either.
do $backfill$
declare
    t record;
begin
    for t in
        select s.*,
               case when q.locks then 'for update of cur' else '' end as lock,
               case
                   when exists (select from pg_temp.backfill_session n where not n.settled) then
                       'and exists (select from pg_temp.backfill_session s where s.session_id = i.session_id and s.settled)'
                   else ''
               end as settled
        from pg_temp.backfill_shape s
        cross join pg_temp.backfill_request q
        order by s.depth, s.place
    loop
        -- In a table of its own, which can be analyzed: without that, the planner sorts or hashes the target's whole rows
        -- instead of these few columns.
        execute format(
            $sql$
            create temporary table backfill_changed on commit drop as
            select x.session_id, x.key, x.before, x.after_sha256, %1$s
            from (
                select i.session_id, i.key, i.key::%2$s as k, i.before_record is not null as before, i.after_sha256
                from pg_temp.backfill_image i
                where i.place = %3$s
                  and sha256(convert_to(i.before_record, 'UTF8')) is distinct from i.after_sha256
                  %4$s
                -- The key is parsed once a row, not once a column.
                offset 0
            ) x
            $sql$,
            t.key_columns, t.key_type, t.place, t.settled);
        analyze pg_temp.backfill_changed;
        execute format(
            $sql$
            insert into pg_temp.backfill_undo (place, session_id, key, action, conflict)
            select %1$s, x.session_id, x.key,
                   case when x.before then 'restore' else 'delete' end,
                   case when sha256(convert_to(%2$s, 'UTF8')) is distinct from x.after_sha256 then 'Changed' end
            from pg_temp.backfill_changed x
            join %3$s cur on %4$s
            %5$s
            $sql$,
            t.place, t.record, t.quoted, t.by_key_columns, t.lock);
        analyze pg_temp.backfill_undo;
        insert into pg_temp.backfill_undo (place, session_id, key, action, conflict)
        select t.place, x.session_id, x.key,
               case when x.before then 'reinsert' else 'delete' end,
               case when x.after_sha256 is not null then 'Deleted' end
        from pg_temp.backfill_changed x
        where not exists (select from pg_temp.backfill_undo u where u.place = t.place and u.key = x.key);
        drop table pg_temp.backfill_changed;
    end loop;
end
$backfill$
