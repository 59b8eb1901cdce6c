-- A run that waits for its target, on every machine: why, since when, and until when. Then one call finds out whether it is over.
alter table backfill.run
    add column hold_cause text check (hold_cause in ('RetryAfter', 'TargetUnreachable')),
    add column hold_since timestamptz,
    add column hold_until timestamptz,
    -- Attempts in a row that did not go well, since the run was last started or resumed.
    add column failed_in_a_row integer not null default 0,
    add check ((hold_cause is null) = (hold_since is null) and (hold_cause is null) = (hold_until is null));

-- Earlier versions settled a session as Succeeded where an operation of its batch was neither called nor spared: its call before
-- that had ended without a clear answer, and left its row. What such a session lacks is not known, and -Reprocess Failed does it again.
update backfill.item i
set outcome = 'Unknown',
    category = null,
    reason = u.function || ': never called; an earlier version of the module settled this session as Succeeded'
from (
    select distinct on (o.run_id, o.session_id) o.run_id, o.session_id, o.function
    from (
        select p.run_id, p.session_id, p.position, min(p.function) as function,
               bool_or(
                   p.sent_at is not null
                   or coalesce(p.outcome = 'Succeeded' or (p.outcome = 'Skipped' and p.message = 'AlreadyCurrent'), false)) as is_done
        from backfill.operation p
        group by p.run_id, p.session_id, p.position
    ) o
    where not o.is_done
    order by o.run_id, o.session_id, o.position
) u
where i.run_id = u.run_id and i.session_id = u.session_id and i.outcome = 'Succeeded';
