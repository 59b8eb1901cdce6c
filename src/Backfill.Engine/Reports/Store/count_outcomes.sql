select i.outcome, i.category, count(*)::integer
from backfill.item i
where i.run_id = $1 and i.state = 'settled'
group by i.outcome, i.category
order by i.outcome, i.category nulls first
