-- Orders, changes of state and decisions. Cut to the newest, then put back in their order.
select n.*
from (
    select *
    from (
        select e.run_id as "RunId", e.at as "At", e.event as "Event", e.state as "State", e.intent as "Intent", e.cause as "Cause",
               null as "Gate", e.until as "Until", e.throttle_per_minute as "ThrottlePerMinute",
               e.concurrency_limit as "ConcurrencyLimit", e.by_whom as "By", e.database_role as "DatabaseRole", e.reason as "Reason",
               e.event_id as place
        from backfill.run_event e
        where $1::uuid is null or e.run_id = $1
        union all
        select g.run_id, g.at, 'Gate' || g.action, null, null, null,
               g.gate, g.expires_at, null, null, g.operator, g.database_role, coalesce(g.reason, g.used_for),
               g.sequence
        from backfill.gate g
        where $1::uuid is null or g.run_id = $1
    ) a
    order by a."At" desc, a.place desc
    limit $2
) n
order by n."At", n.place
