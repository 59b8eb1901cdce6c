-- The images that still stand: of the chosen sessions, less what earlier rollbacks of the run have undone. A branch a table, each
-- with its own name in it: the planner leaves the others out, and knows how many rows there are.
do $backfill$
declare
    standing text = '';
    added text = '';
begin
    -- Where all of the run is undone for the first time, as nearly always, every image stands.
    if not (select q.whole_run from pg_temp.backfill_request q)
        or exists (select from pg_temp.backfill_session s where s.last_rollback is not null)
    then
        standing = $sql$
            and exists (
                select from pg_temp.backfill_session s
                where s.session_id = g.session_id
                  and (
                      s.last_rollback is null
                      -- Nothing of such a session was undone.
                      or not s.settled
                      or exists (
                          select from backfill.rollback_conflict f
                          where f.rollback_id = s.last_rollback and f.table_name = g.table_name and f.key = g.key)
                  )
            )
            $sql$;
    end if;
    -- A row without an image that an earlier rollback left as a conflict still stands: as one that was there neither before nor after.
    if exists (select from pg_temp.backfill_session s where s.last_rollback is not null) then
        added = $sql$
            union all
            select %1$s, f.session_id, f.key, null, null, null
            from pg_temp.backfill_session s
            join backfill.rollback_conflict f on f.rollback_id = s.last_rollback and f.session_id = s.session_id
            where f.table_name = %2$L
              and not exists (
                  select from backfill.image g
                  where g.run_id = '{{run}}' and g.session_id = f.session_id and g.table_name = f.table_name and g.key = f.key)
            $sql$;
    end if;
    execute 'create temporary view backfill_image as ' || (
        select string_agg(format(
            $sql$
            select %1$s as place, g.session_id, g.key, g.before_record,
                   sha256(convert_to(g.before_record, 'UTF8')) as before_sha256, g.after_sha256
            from backfill.image g
            where g.run_id = '{{run}}' and g.table_name = %2$L
              -- A view has no ON COMMIT DROP of its own: it goes with this table.
              and exists (select from pg_temp.backfill_request)
            $sql$ || standing || added,
            t.place, t.name), ' union all ' order by t.place)
        from pg_temp.backfill_shape t);
    -- Nothing analyzes temporary tables by itself.
    analyze pg_temp.backfill_session;
end
$backfill$
