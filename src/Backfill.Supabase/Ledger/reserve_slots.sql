with control as (
    select r.state, r.wanted_state, r.throttle_per_minute, r.concurrency_limit,
           exists (select from backfill.item i where i.run_id = r.run_id and i.state <> 'settled') as unsettled,
           exists (
               select from backfill.item i
               where i.run_id = r.run_id
                 and i.state <> 'settled'
                 and (
                     (i.state = 'pending' and coalesce(i.not_before <= clock_timestamp(), true))
                     or (i.state = 'claimed' and i.lease_until + r.quiet_period <= clock_timestamp())
                 )
           ) as claimable
    from backfill.run r
    where r.run_id = $1
),
slot as (
    -- One row for the target: every worker of every run queues here. The margin of 0.5 % absorbs jitter on the way.
    update backfill.pace p
    set next_slot = greatest(p.next_slot, clock_timestamp()) + $2 * make_interval(secs => 60.3 / c.throttle_per_minute)
    from control c
    where $3 or (c.claimable and c.state = 'Running' and c.wanted_state = 'Running')
    returning p.next_slot - $2 * make_interval(secs => 60.3 / c.throttle_per_minute) as first_slot
)
select c.state, c.wanted_state, c.throttle_per_minute, c.concurrency_limit, c.unsettled,
       s.first_slot,
       clock_timestamp() as database_now,
       case when s.first_slot is null and c.unsettled then (
           select min(case i.state when 'pending' then i.not_before else i.lease_until + r.quiet_period end)
           from backfill.item i
           join backfill.run r on r.run_id = i.run_id
           where i.run_id = $1 and i.state <> 'settled'
       ) end as next_at
from control c
left join slot s on true
