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
       clock_timestamp() as written_at,
       -- As find_other_writes.sql tells them.
       array(
           select t.name || ': ' || g.tgname
           from pg_temp.backfill_shape t
           join pg_catalog.pg_trigger g on g.tgrelid = to_regclass(t.name) and not g.tgisinternal and g.tgenabled in ('O', 'A')
           join pg_catalog.pg_proc f on f.oid = g.tgfoid
           join pg_catalog.pg_language l on l.oid = f.prolang
           where l.lanname not in ('c', 'internal')
             and f.prosrc ~* '\m(insert\s+into|update\s+(only\s+)?["a-z]|delete\s+from|merge\s+into|truncate|refresh\s+materialized|perform|execute|call|notify)'
           order by t.place, g.tgname) as other_writers
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
cross join backfill.install n
cross join (
    select count(*) as sessions, count(*) filter (where not s.settled) as unsettled
    from pg_temp.backfill_session s
) c
where r.run_id = $1
