-- Rows of the run's settled sessions, as they were before the first run of its plan that touched them, and after the last one
-- up to this run. A row is written when its version is another than before.
with runs as materialized (
    select r.run_id, r.created_at
    from backfill.run t
    join backfill.run r
        on r.plan_sha256 = t.plan_sha256
        and (r.run_id = t.run_id or (r.created_at < t.created_at and r.state <> 'RolledBack'))
    where t.run_id = $1
),
found as not materialized (
    select g.session_id, g.table_name, g.key, r.created_at, g.before_version, g.after_version, g.recorded::text as recorded
    from (
        select m.*
        from backfill.image m
        where m.run_id = any (array(select r.run_id from runs r))
    ) g
    -- A full join is one pass over either side, always. Any other may become all images of the run for each of its sessions, when
    -- the statistics do not know the run yet and the planner takes it for one without rows.
    full join (select i.session_id from backfill.item i where i.run_id = $1 and i.state = 'settled') s
        on s.session_id = g.session_id
    full join (
        select e.run_id, e.session_id
        from backfill.rollback_session e
        where e.run_id = any (array(select r.run_id from runs r))
    ) b on b.run_id = g.run_id and b.session_id = g.session_id
    left join runs r on r.run_id = g.run_id
    -- Not "is not null": that would make an inner join of it. What was rolled back by itself is no change any more.
    where num_nulls(g.session_id, s.session_id) = 0 and num_nulls(b.session_id) = 1
),
images as (
    -- Almost always there is no other run: then each row has one image, and a long run need not be sorted to find it. Of the two
    -- halves only one is carried out: what neither depends on is asked first.
    select f.table_name, f.before_version, f.after_version, f.recorded
    from found f
    where (select count(*) from runs) = 1
    union all
    select f.table_name,
           (array_agg(f.before_version order by f.created_at))[1],
           (array_agg(f.after_version order by f.created_at desc))[1],
           (array_agg(f.recorded order by f.created_at desc))[1]
    from found f
    where (select count(*) from runs) > 1
    group by f.session_id, f.table_name, f.key
)
select m.table_name as "Table",
       m.recorded as "Values",
       count(*) filter (where m.before_version is null and m.after_version is not null)::integer as "NewRows",
       count(*) filter (where m.before_version <> m.after_version)::integer as "UpdatedRows",
       count(*) filter (where m.before_version is not null and m.after_version is null)::integer as "DeletedRows"
from images m
group by m.table_name, m.recorded
