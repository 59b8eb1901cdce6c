-- $1 run, $2 how many slots, 0 to look only, $3 how far from now the first one must be at least.
with reach as (
    -- How far the run may go: to the first review that no approval has opened.
    select coalesce(min(o.after_ordinal), 2147483647) as ordinal from backfill.open_review o where o.run_id = $1
),
control as (
    select case when r.state = 'Suspended' and backfill.intent_now(r) = 'Run' then 'Running' else r.state end as state,
           backfill.intent_now(r) as intent, r.throttle_per_minute, r.concurrency_limit,
           -- The margin of 0.5 % absorbs jitter on the way.
           make_interval(secs => 60.3 / backfill.pace_now(r)) as spacing,
           backfill.pace_now(r) as pace,
           r.last_slot,
           case when r.guard_held_at is not null then 'TargetBusy' else r.hold_cause end as hold_cause,
           -- What suffers is looked at by the guard, not by a call.
           case when r.guard_held_at is not null then clock_timestamp() + interval '1 second' else r.hold_until end as hold_until,
           r.failed_in_a_row,
           exists (
               select from backfill.item i
               where i.run_id = r.run_id and i.state <> 'settled' and i.ordinal <= (select h.ordinal from reach h)
           ) as unsettled,
           exists (
               select from backfill.item i
               where i.run_id = r.run_id
                 and i.state <> 'settled'
                 and i.ordinal <= (select h.ordinal from reach h)
                 and (
                     (i.state = 'pending' and coalesce(i.not_before <= clock_timestamp(), true))
                     or (i.state = 'claimed' and i.lease_until + r.quiet_period <= clock_timestamp())
                 )
           ) as claimable
    from backfill.run r
    where r.run_id = $1
),
near as (
    -- Over all runs no faster than the faster of two neighbours, and each run no faster than its own pace. Nobody takes a slot
    -- more than a second ahead, so that a new pace, or a stop, holds at once.
    select greatest(p.last_slot + least(p.spacing, c.spacing), c.last_slot + c.spacing) as next_slot
    from backfill.pace p
    cross join control c
),
slot as (
    update backfill.pace p
    set last_slot = greatest(n.next_slot, clock_timestamp() + $3) + ($2 - 1) * c.spacing, spacing = c.spacing
    from control c
    cross join near n
    where $2 > 0 and n.next_slot <= clock_timestamp() + $3 + interval '1 second'
    returning p.last_slot, p.last_slot - ($2 - 1) * c.spacing as first_slot
),
own as (
    update backfill.run r set last_slot = s.last_slot, ramp_taken = case when r.ramp_start is null then 0 else r.ramp_taken + $2 end
    from slot s
    where r.run_id = $1
)
select c.state, c.intent, c.throttle_per_minute, c.concurrency_limit, c.unsettled,
       s.first_slot,
       clock_timestamp() as database_now,
       case
           when s.first_slot is not null or not c.unsettled then null
           when $2 > 0 then n.next_slot - $3 - interval '1 second'
           when c.hold_until > clock_timestamp() then c.hold_until
           when c.claimable then n.next_slot
           else (
               select min(case i.state when 'pending' then i.not_before else i.lease_until + r.quiet_period end)
               from backfill.item i
               join backfill.run r on r.run_id = i.run_id
               where i.run_id = $1 and i.state <> 'settled' and i.ordinal <= (select h.ordinal from reach h)
           )
       end as next_at,
       s.first_slot is null and ($2 > 0 or (c.claimable and coalesce(c.hold_until <= clock_timestamp(), true))) as is_paced,
       c.hold_cause, c.failed_in_a_row, c.pace
from control c
cross join near n
left join slot s on true
