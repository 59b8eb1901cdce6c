-- The images that still stand: of the chosen sessions, less what earlier rollbacks of the run have undone.
create temporary view backfill_image as
select t.place, g.session_id, g.key, g.before_record, g.after_sha256
from backfill.image g
join pg_temp.backfill_shape t on t.name = g.table_name
join pg_temp.backfill_session s on s.session_id = g.session_id
where g.run_id = '{{run}}'
  and (
      s.last_rollback is null
      -- Nothing of such a session was undone.
      or not s.settled
      or exists (
          select from backfill.rollback_conflict f
          where f.rollback_id = s.last_rollback and f.table_name = g.table_name and f.key = g.key)
  )
