-- Nothing is added to a soak that has ended: the lock makes an ending wait for its samples, and samples for an ending.
with live as (
    select s.soak_id
    from backfill.soak s
    where s.soak_id = $1 and s.state = 'Open'
    for update
)
insert into backfill.soak_sample (soak_id, number, at, facts, checks, verdict, cost_ms, statements)
select live.soak_id, $2, $3, $4::jsonb, $5::jsonb, $6, $7, $8
from live
on conflict (soak_id, number) do nothing
returning true
