-- Who has one of these sessions unsettled.
select i.session_id, i.run_id, backfill.state_now(r), r.operator, r.created_at
from backfill.item i
join backfill.run r on r.run_id = i.run_id
where i.state <> 'settled' and i.session_id = any ($1)
order by r.created_at, i.ordinal
limit 1
