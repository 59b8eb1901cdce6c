-- What an aborted run leaves: never tried, or perhaps committed. Nothing stays unsettled, so that other runs may have it.
update backfill.item i
set state = 'settled',
    lease_until = null,
    worker_id = null,
    not_before = null,
    outcome = case when i.claims = 0 then 'Skipped' else 'Unknown' end,
    category = case when i.claims = 0 then null else 'Cancelled' end,
    reason = case
        when i.claims = 0 then 'Aborted'
        else 'the run was aborted before it was known what its calls had done'
    end,
    settled_at = clock_timestamp()
from backfill.run r
where r.run_id = $1 and r.state = 'Aborted' and i.run_id = r.run_id and i.state <> 'settled'
