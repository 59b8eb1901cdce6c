-- What an aborted run leaves: never tried, tried in vain, or perhaps committed. Nothing stays unsettled, so that other runs may have it.
with left_over as (
    select i.run_id, i.ordinal, i.session_id,
           -- A call of it may have been committed, or may be yet. Not one that was announced and not sent, nor one that was refused for
           -- the time being (429), or by a function that did not boot (503; a gateway's is Unknown): nothing was run.
           exists (
               select
               from backfill.operation o
               where o.run_id = i.run_id
                 and o.session_id = i.session_id
                 and not coalesce(o.outcome = 'Skipped' and o.sent_at is null, false)
                 and not coalesce(o.outcome is not null and o.status_code = 429, false)
                 and not coalesce(o.outcome <> 'Unknown' and o.status_code = 503, false)
           ) as may_have_written
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where r.run_id = $1 and r.state = 'Aborted' and i.state <> 'settled'
),
-- As if never claimed (release_untouched.sql): another run of the plan has it to do, and no image is kept for it.
images as (
    delete from backfill.image g
    using left_over l
    where g.run_id = l.run_id and g.session_id = l.session_id and not l.may_have_written
)
update backfill.item i
set state = 'settled',
    lease_until = null,
    worker_id = null,
    not_before = null,
    outcome = case when l.may_have_written then 'Unknown' else 'Skipped' end,
    category = case when l.may_have_written then 'Cancelled' end,
    reason = case
        when l.may_have_written then 'the run was aborted before it was known what its calls had done'
        else 'Aborted'
    end,
    claims = case when l.may_have_written then i.claims else 0 end,
    fence = case when l.may_have_written then i.fence end,
    started_at = case when l.may_have_written then i.started_at end,
    settled_at = clock_timestamp()
from left_over l
where i.run_id = l.run_id and i.ordinal = l.ordinal
