-- What the head of a script and its guards say.
select n.install_id,
       n.environment,
       n.project_ref,
       n.system_identifier,
       n.database_oid,
       current_database()::text as database,
       r.plan_sha256,
       -- A document is kept as given, byte-order mark and all.
       coalesce(ltrim(p.document, U&'\FEFF')::json #>> '{backfill_plan,version}', '') as plan_version,
       r.state,
       r.started_at,
       r.finished_at,
       r.target::text as target,
       (select array_agg(t.name order by t.place) from pg_temp.backfill_shape t) as tables,
       c.sessions,
       c.unsettled,
       clock_timestamp() as written_at
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
cross join backfill.install n
cross join (
    select count(*) as sessions, count(*) filter (where not s.settled) as unsettled
    from pg_temp.backfill_session s
) c
where r.run_id = $1
