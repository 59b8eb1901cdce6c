{{settled_sessions}}where i.run_id = @runId
  and i.state = 'settled'
  and (@outcome::text is null or i.outcome = @outcome)
order by i.ordinal
