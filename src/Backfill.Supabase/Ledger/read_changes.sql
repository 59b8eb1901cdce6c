-- Rows of the run's settled sessions, as they were before the first run of its plan that touched them, and after the last one
-- up to this run. A row is written when its version is another than before.
with images as (
    select g.session_id, g.table_name, g.key,
           (array_agg(g.before_version order by r.created_at))[1] as before_version,
           (array_agg(g.after_version order by r.created_at desc))[1] as after_version,
           (array_agg(g.recorded::text order by r.created_at desc))[1] as recorded
    from backfill.run this
    join backfill.run r
        on r.plan_sha256 = this.plan_sha256
        and (r.run_id = this.run_id or (r.created_at < this.created_at and r.state <> 'RolledBack'))
    join backfill.item i on i.run_id = this.run_id and i.state = 'settled'
    join backfill.image g on g.run_id = r.run_id and g.session_id = i.session_id
    where this.run_id = @runId
      -- What was rolled back by itself is no change any more.
      and not exists (
          select from backfill.rollback_session b where b.run_id = r.run_id and b.session_id = i.session_id)
    group by g.session_id, g.table_name, g.key
)
select m.table_name as "TableName",
       m.recorded as "Recorded",
       count(*) filter (where m.before_version is null and m.after_version is not null)::integer as "NewRows",
       count(*) filter (where m.before_version <> m.after_version)::integer as "UpdatedRows",
       count(*) filter (where m.before_version is not null and m.after_version is null)::integer as "DeletedRows"
from images m
group by m.table_name, m.recorded
