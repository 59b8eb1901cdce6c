-- Whoever began the run, and whoever went on with it.
select r.operator, r.database_role from backfill.run r where r.run_id = $1
union
select e.by_whom, e.database_role from backfill.run_event e where e.run_id = $1 and e.event in ('Started', 'Resume')
order by 1, 2
