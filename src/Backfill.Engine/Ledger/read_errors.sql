{{settled_sessions}}where i.run_id = $1
  and i.state = 'settled'
  and i.outcome not in ('Succeeded', 'Skipped')
order by i.ordinal
