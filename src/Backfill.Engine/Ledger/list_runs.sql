select r.run_id as "RunId",
       -- A document is kept as given, byte-order mark and all.
       ltrim(p.document, U&'\FEFF')::json #>> '{backfill_plan,version}' as "PlanVersion",
       r.plan_sha256 as "PlanHash",
       t.environment as "Environment",
       n.state as "State",
       case
           when n.state in ('Suspended', 'Aborted') then 'Ordered'
           when n.state = 'Paused' and v.is_due then 'BatchReview'
           when n.state = 'Paused' and r.state <> 'Paused' then 'NoWorker'
           when n.state in ('Paused', 'Halted') then r.cause
       end as "Cause",
       backfill.intent_now(r) as "Intent",
       r.intent_by as "IntentBy",
       r.intent_at as "IntentAt",
       r.intent_until as "IntentUntil",
       r.intent_reason as "IntentReason",
       case
           when n.state = 'Suspended' then r.intent_reason
           when n.state = 'Paused' and v.is_due then case v.decision
               when 'Approved' then 'the review after ' || v.name || ' is approved, and the run waits to be resumed'
               when 'Denied' then 'the review after ' || v.name || ' is denied'
               else 'it waits for a review after ' || v.name
           end
           when n.state = 'Paused' and r.state <> 'Paused' then 'no worker is there'
           else r.state_reason
       end as "Reason",
       r.name as "Name",
       r.ticket as "Ticket",
       f.total as "Total",
       f.succeeded as "Succeeded",
       f.no_effect as "NoEffect",
       f.failed as "Failed",
       f.skipped as "Skipped",
       f.never_called as "NeverCalled",
       f.unknown as "Unknown",
       f.remaining as "Remaining",
       r.throttle_per_minute as "ThrottlePerMinute",
       greatest(r.throttle_per_minute, e.highest) as "HighestThrottlePerMinute",
       round(a.achieved::numeric, 1)::float8 as "AchievedPerMinute",
       a.peak as "PeakPerMinute",
       w.active as "ActiveWorkers",
       greatest(f.last_settled_at, a.last_sent_at, w.seen_at) as "LastActivityAt",
       w.waiting_for as "WaitingFor",
       w.waited_for as "WaitedFor",
       r.started_at as "StartedAt",
       r.finished_at as "FinishedAt",
       r.hours as "Hours",
       case when f.remaining > 0 and r.state not in ('Aborted', 'RolledBack') then nullif(backfill.pace_now(r), r.throttle_per_minute) end as "RampPerMinute",
       r.guard::text as "Guard",
       case when n.state = 'Running' then r.guard_signal end as "BusySignal",
       case when n.state = 'Running' then r.guard_reason end as "BusyReason",
       case when f.remaining > 0 then v.name end as "ReviewAfter",
       g.gate as "Gate",
       g.action as "GateAction",
       g.operator as "GateBy",
       r.operator || ' as ' || r.database_role as "Operator",
       -- From here on, what the outlook is computed from.
       clock_timestamp() as "Now",
       r.concurrency_limit as "ConcurrencyLimit",
       f.in_hand as "InHand",
       f.recent as "Settled",
       extract(epoch from clock_timestamp() - s.since)::float8 as "Seconds",
       r.ramp_start as "RampStart",
       r.ramp_step as "RampStep",
       r.ramp_attempts as "RampAttempts",
       r.ramp_taken as "RampTaken"
from backfill.run r
join backfill.plan p on p.plan_sha256 = r.plan_sha256
cross join backfill.install t
cross join lateral (select backfill.state_now(r) as state) n
cross join lateral (
    -- What it has done of late tells when it will end.
    select greatest(clock_timestamp() - interval '5 minutes', r.resumed_at) as since
) s
cross join lateral (
    select count(*)::integer as total,
           count(*) filter (where i.outcome = 'Succeeded')::integer as succeeded,
           count(*) filter (where i.outcome = 'NoEffect')::integer as no_effect,
           count(*) filter (where i.outcome = 'Failed')::integer as failed,
           count(*) filter (where i.outcome = 'Skipped' and not backfill.never_called(i))::integer as skipped,
           count(*) filter (where backfill.never_called(i))::integer as never_called,
           count(*) filter (where i.outcome = 'Unknown')::integer as unknown,
           count(*) filter (where i.state <> 'settled')::integer as remaining,
           max(i.settled_at) as last_settled_at,
           count(*) filter (where i.state = 'claimed' and i.lease_until > clock_timestamp())::integer as in_hand,
           count(*) filter (where i.state = 'settled' and i.claims > 0 and i.settled_at > s.since)::integer as recent
    from backfill.item i
    where i.run_id = r.run_id
) f
cross join lateral (
    -- As the pace counts them: a claim's first call, and every repeated one.
    select case when count(*) > 1 and max(s.started_at) > min(s.started_at)
               then 60 * (count(*) - 1) / extract(epoch from max(s.started_at) - min(s.started_at)) end::float8 as achieved,
           max(s.in_window)::integer as peak,
           max(s.started_at) as last_sent_at
    from (
        select o.started_at,
               count(*) over (
                   order by o.started_at range between current row and interval '59.999999 seconds' following) as in_window
        from (
            select c.started_at
            from (
                select o.sent_at as started_at,
                       row_number() over (partition by o.session_id, o.fence order by o.position, o.attempt) as call,
                       row_number() over (partition by o.session_id, o.fence, o.position order by o.attempt) as try
                from backfill.operation o
                where o.run_id = r.run_id and o.sent_at is not null
            ) c
            where c.call = 1 or c.try > 1
        ) o
    ) s
) a
cross join lateral (
    select count(*) filter (where k.ended_at is null and k.seen_at > clock_timestamp() - r.lease)::integer as active,
           max(k.seen_at) as seen_at,
           sum(k.waited_for) as waited_for,
           max(k.waiting_for) filter (where k.ended_at is null and k.seen_at > clock_timestamp() - r.lease) as waiting_for
    from backfill.worker k
    where k.run_id = r.run_id
) w
cross join lateral (
    select max(v.throttle_per_minute) as highest
    from backfill.run_event v
    where v.run_id = r.run_id
) e
left join lateral (
    -- The next review that no approval has opened.
    select o.name,
           exists (select from backfill.due_review d where d.run_id = o.run_id) as is_due,
           -- The last word on it: each review before it ended with the use of its approval.
           (
               select d.action
               from backfill.gate d
               where d.run_id = o.run_id and d.gate = 'BatchReview'
               order by d.sequence desc
               limit 1
           ) as decision
    from backfill.open_review o
    where o.run_id = r.run_id
    order by o.after_ordinal
    limit 1
) v on true
left join backfill.gate g on g.run_id = r.run_id and g.sequence = r.gate_count
where ($1::uuid is null or r.run_id = $1)
  -- What a run is now depends on its worker; what it was set to leaves few of them to ask about.
  and ($2::text is null or (r.state in ($2, 'Running', 'Suspended') and n.state = $2))
order by r.created_at desc, r.run_id desc
limit case when $3 then 1 end
