select r.run_id, p.document, p.path, r.target::text, r.throttle_per_minute, r.concurrency_limit,
       r.lease, r.quiet_period, r.call_timeout,
       r.max_consecutive_failures, r.max_failure_ratio, r.minimum_sample,
       (select count(*) from backfill.item i where i.run_id = r.run_id) as total, r.plan_sha256, r.hours,
       exists (select from backfill.open_review o where o.run_id = r.run_id) as has_reviews
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
where r.run_id = $1
