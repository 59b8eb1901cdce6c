select m.number, m.at, m.facts::text, m.checks::text, m.verdict, m.cost_ms, m.statements
from backfill.soak_sample m
where m.soak_id = $1 and m.number > $2
order by m.number
