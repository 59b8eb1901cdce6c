select i.batch_id as "BatchId",
       min(i.started_at) as "StartedAt",
       case when bool_and(i.state = 'settled') then max(i.settled_at) end as "CompletedAt",
       count(*)::integer as "Total",
       count(*) filter (where i.outcome = 'Succeeded')::integer as "Succeeded",
       count(*) filter (where i.outcome = 'NoEffect')::integer as "NoEffect",
       count(*) filter (where i.outcome = 'Failed')::integer as "Failed",
       count(*) filter (where i.outcome = 'Skipped' and not backfill.never_called(i))::integer as "Skipped",
       count(*) filter (where i.outcome = 'Unknown')::integer as "Unknown",
       count(*) filter (where backfill.never_called(i))::integer as "NeverCalled"
from backfill.item i
where i.run_id = $1
group by i.batch_id
order by min(i.ordinal)
