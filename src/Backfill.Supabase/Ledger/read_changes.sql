-- Rows of the run's settled sessions, as they were before the first run of its plan that touched them, and after the last one
-- up to this run. A row is written when its version is another than before.
with this as materialized (
    -- Not a constant in the joins below: a run that is not in the statistics yet is taken for one without rows, and reading all of
    -- its images for each of its sessions would seem the way.
    select r.run_id, r.plan_sha256, r.created_at from backfill.run r where r.run_id = @runId
),
runs as materialized (
    select r.run_id, r.created_at
    from this t
    join backfill.run r
        on r.plan_sha256 = t.plan_sha256
        and (r.run_id = t.run_id or (r.created_at < t.created_at and r.state <> 'RolledBack'))
),
images as (
    -- Almost always there is no other run: then each row has one image, and a long run need not be sorted to find it. Of the two
    -- halves only one is carried out: what neither depends on is asked first.
    select g.table_name, g.before_version, g.after_version, g.recorded::text as recorded
    from this t
    join backfill.item i on i.run_id = t.run_id and i.state = 'settled'
    join backfill.image g on g.run_id = i.run_id and g.session_id = i.session_id
    where (select count(*) from runs) = 1
      -- What was rolled back by itself is no change any more.
      and not exists (
          select from backfill.rollback_session b where b.run_id = i.run_id and b.session_id = i.session_id)
    union all
    select g.table_name,
           (array_agg(g.before_version order by r.created_at))[1],
           (array_agg(g.after_version order by r.created_at desc))[1],
           (array_agg(g.recorded::text order by r.created_at desc))[1]
    from this t
    join backfill.item i on i.run_id = t.run_id and i.state = 'settled'
    cross join runs r
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
