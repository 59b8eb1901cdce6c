-- Of a run, or of the newest one.
select s.batch_id
from backfill.run r
join backfill.plan_session s on s.plan_sha256 = r.plan_sha256
where r.run_id = coalesce($1, (select n.run_id from backfill.run n order by n.created_at desc, n.run_id desc limit 1))
group by s.batch_id
order by min(s.ordinal)
