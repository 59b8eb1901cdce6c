-- What happened in each part of the run's time. Starts are what the pace counts: a claim's first call, and every repeated one. What lies
-- outside the parts (sessions passed over before the start, say) counts in the first or the last one, so that the sums are the run's.
with starts as (
    select least(greatest(floor(extract(epoch from s.started_at - $2) / $3), 0), $4 - 1)::integer as part, count(*)::integer as starts
    from (
        select n.started_at
        from (
            select o.sent_at as started_at,
                   row_number() over (partition by o.session_id, o.fence order by o.position, o.attempt) as call,
                   row_number() over (partition by o.session_id, o.fence, o.position order by o.attempt) as try
            from backfill.operation o
            where o.run_id = $1 and o.sent_at is not null
        ) n
        where n.call = 1 or n.try > 1
    ) s
    group by 1
),
settled as (
    select least(greatest(floor(extract(epoch from coalesce(i.settled_at, $2) - $2) / $3), 0), $4 - 1)::integer as part,
           count(*) filter (where i.outcome = 'Succeeded')::integer as succeeded,
           count(*) filter (where i.outcome = 'NoEffect')::integer as no_effect,
           count(*) filter (where i.outcome = 'Failed')::integer as failed,
           count(*) filter (where i.outcome = 'Skipped' and not backfill.never_called(i))::integer as skipped,
           count(*) filter (where i.outcome = 'Unknown')::integer as unknown
    from backfill.item i
    where i.run_id = $1 and i.state = 'settled'
    group by 1
)
select coalesce(s.part, e.part), coalesce(s.starts, 0), coalesce(e.succeeded, 0), coalesce(e.no_effect, 0), coalesce(e.failed, 0),
       coalesce(e.skipped, 0), coalesce(e.unknown, 0)
from starts s
full join settled e on e.part = s.part
order by 1
