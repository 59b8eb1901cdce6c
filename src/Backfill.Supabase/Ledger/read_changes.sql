-- Rows of the run's settled sessions, as they were before the first run of its plan that touched them, and after the last one
-- up to this run. A row is written when its version is another than before.
with runs as (
    select r.run_id, r.created_at
    from backfill.run this
    join backfill.run r
        on r.plan_sha256 = this.plan_sha256
        and (r.run_id = this.run_id or (r.created_at < this.created_at and r.state <> 'RolledBack'))
    where this.run_id = @runId
),
images as (
    -- Almost always there is no other run: then each row has one image, and a long run need not be sorted to find it. Of the two
    -- halves only one is carried out: what neither depends on is asked first.
    select g.table_name, g.before_version, g.after_version, g.recorded::text as recorded
    from backfill.item i
    join backfill.image g on g.run_id = i.run_id and g.session_id = i.session_id
    where i.run_id = @runId and i.state = 'settled'
      and (select count(*) from runs) = 1
      -- What was rolled back by itself is no change any more.
      and not exists (
          select from backfill.rollback_session b where b.run_id = i.run_id and b.session_id = i.session_id)
    union all
    select g.table_name,
           (array_agg(g.before_version order by r.created_at))[1],
           (array_agg(g.after_version order by r.created_at desc))[1],
           (array_agg(g.recorded::text order by r.created_at desc))[1]
    from runs r
    join backfill.item i on i.run_id = @runId and i.state = 'settled'
    join backfill.image g on g.run_id = r.run_id and g.session_id = i.session_id
    where (select count(*) from runs) > 1
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
