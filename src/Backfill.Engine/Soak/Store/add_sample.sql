-- Nothing is added to a soak that has ended: the lock makes an ending wait for its samples, and samples for an ending.
with live as (
    select s.soak_id
    from backfill.soak s
    where s.soak_id = $1 and s.state = 'Open'
    for update
),
added as (
    insert into backfill.soak_sample (soak_id, number, at, facts, checks, verdict, cost_ms, statements)
    select live.soak_id, $2, $3, $4::jsonb, $5::jsonb, $6, $7, $8
    from live
    on conflict (soak_id, number) do nothing
    returning true
)
select true from added
union all
-- It is there as it is given: it was added before, and the answer was lost.
select true
from backfill.soak_sample m
where m.soak_id = $1 and m.number = $2 and m.at = $3 and m.facts = $4::jsonb
