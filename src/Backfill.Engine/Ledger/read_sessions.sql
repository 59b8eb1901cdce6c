{{settled_sessions}}where i.run_id = $1
  and i.state = 'settled'
  and ($2::text is null or i.outcome = $2)
order by i.ordinal
