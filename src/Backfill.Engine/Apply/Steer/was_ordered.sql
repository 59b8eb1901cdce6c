-- Whether an order was given a moment ago: its commit came through, and the answer was lost.
select exists (
    select from backfill.run_event e
    where e.run_id = $1
      and e.event = $2
      and e.by_whom = $3
      and e.reason is not distinct from $4
      and e.at > clock_timestamp() - interval '2 minutes')
