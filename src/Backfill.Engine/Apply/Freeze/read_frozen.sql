-- The list that a run of this plan has fixed; else that of a plan that says the same in another layout. $1 its hash, $2 its text.
with frozen as (
    select p.plan_sha256, p.path
    from backfill.plan p
    where p.plan_sha256 = $1 or p.content_sha256 = backfill.plan_content($2)
    order by p.plan_sha256 = $1 desc, p.frozen_at
    limit 1
)
select s.ordinal, s.batch_id, s.session_id, f.plan_sha256, f.path
from frozen f
join backfill.plan_session s on s.plan_sha256 = f.plan_sha256
order by s.ordinal
