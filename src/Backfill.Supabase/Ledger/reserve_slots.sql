with control as (
    select r.state, r.wanted_state, r.throttle_per_minute, r.concurrency_limit,
           -- The margin of 0.5 % absorbs jitter on the way.
           make_interval(secs => 60.3 / r.throttle_per_minute) as spacing,
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
    -- One row for the target: every worker of every run queues here. Nobody takes a slot more than a second ahead, so that
    -- a new pace, or a stop, holds at once.
    update backfill.pace p
    set last_slot = greatest(p.last_slot + c.spacing, clock_timestamp()) + ($2 - 1) * c.spacing
    from control c
    where ($3 or (c.claimable and c.state = 'Running' and c.wanted_state = 'Running'))
      and p.last_slot + c.spacing <= clock_timestamp() + interval '1 second'
    returning p.last_slot - ($2 - 1) * c.spacing as first_slot
)
select c.state, c.wanted_state, c.throttle_per_minute, c.concurrency_limit, c.unsettled,
       s.first_slot,
       clock_timestamp() as database_now,
       case
           when s.first_slot is not null or not c.unsettled then null
           when $3 or c.claimable then p.last_slot + c.spacing - interval '1 second'
           else (
               select min(case i.state when 'pending' then i.not_before else i.lease_until + r.quiet_period end)
               from backfill.item i
               join backfill.run r on r.run_id = i.run_id
               where i.run_id = $1 and i.state <> 'settled'
           )
       end as next_at,
       s.first_slot is null and ($3 or c.claimable) as is_paced
from control c
cross join backfill.pace p
left join slot s on true
