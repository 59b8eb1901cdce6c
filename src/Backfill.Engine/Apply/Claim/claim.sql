-- One statement, so claim, images and operation rows stand or fall together, on one snapshot.
with probe as (
    -- A run that is held is looked at by one call, once its pause is over: whoever gets this row has it. Should it be lost with its
    -- worker, its lease is over when the next one may look.
    update backfill.run r
    set hold_until = clock_timestamp() + $4
    where r.run_id = $1
      and r.guard_held_at is null
      and r.hold_until <= clock_timestamp()
      and r.state = 'Running'
      and backfill.intent_now(r) = 'Run'
    returning r.run_id
),
open_run as (
    select r.quiet_period
    from backfill.run r
    where r.run_id = $1
      and r.state = 'Running'
      and backfill.intent_now(r) = 'Run'
      and (r.hold_until is null or exists (select from probe))
      and r.guard_held_at is null
),
chosen as (
    -- The run is no part of a join: the items then come in their order, by the index, and no more of them than are taken.
    select i.ctid as place
    from backfill.item i
    where i.run_id = $1
      and i.state <> 'settled'
      and exists (select from open_run)
      -- Nothing is begun after a review that no approval has opened.
      and i.ordinal <= coalesce((select min(o.after_ordinal) from backfill.open_review o where o.run_id = $1), 2147483647)
      and (
          (i.state = 'pending' and coalesce(i.not_before <= clock_timestamp(), true))
          -- Its worker is gone; what it may have sent must have come to rest.
          or (i.state = 'claimed' and i.lease_until + (select r.quiet_period from open_run r) <= clock_timestamp())
      )
    order by i.ordinal
    limit case when exists (select from probe) then 1 else $3 end
    -- Others claim at the same time: each takes what nobody holds.
    for update of i skip locked
),
mine as (
    update backfill.item i
    set state = 'claimed',
        worker_id = $2,
        fence = nextval('backfill.fence'),
        lease_until = clock_timestamp() + $4,
        not_before = null,
        claims = i.claims + 1,
        started_at = coalesce(i.started_at, clock_timestamp())
    from chosen c
    where i.ctid = c.place
    returning i.run_id, i.session_id, i.ordinal, i.batch_id, i.fence, i.claims
),
rows_now as (
{{rows}}
),
imaged as (
    insert into backfill.image (
        run_id, session_id, table_name, key, before_record, before_version, after_sha256, after_version, recorded)
    select m.run_id, c.session_id, c.table_name, c.key, c.record, c.version, c.sha256, c.version, c.recorded
    from rows_now c
    join mine m on m.session_id = c.session_id
    -- Before-images are of the state before the first call, whoever claims later.
    where m.claims = 1
),
announced as (
    insert into backfill.operation (run_id, session_id, position, attempt, function, params, fence)
    select m.run_id, m.session_id, o.position, 1, o.function, o.params, m.fence
    from mine m
    join backfill.run r on r.run_id = m.run_id
    join backfill.plan_operation o on o.plan_sha256 = r.plan_sha256 and o.batch_id = m.batch_id
    where m.claims = 1
),
facts as (
{{facts}}
)
-- One row for each claim, then one for each row of its session: joined, all rows would be looked through for each claim.
select m.session_id, m.ordinal, m.batch_id, m.fence, m.claims,
       (
           select jsonb_agg(jsonb_build_object(
               'position', o.position, 'attempt', o.attempt, 'outcome', o.outcome, 'category', o.category, 'message', o.message,
               'fence', o.fence))
           from backfill.operation o
           where m.claims > 1 and o.run_id = m.run_id and o.session_id = m.session_id
       ) as earlier,
       null as table_name, null as key, null as before_version, null as known_sha256, null as current_sha256, null as current_version,
       null::jsonb as recorded, exists (select from probe) as is_probe
from mine m
union all
select f.session_id, null, null, null, null, null,
       f.table_name, f.key, f.before_version, f.known_sha256, f.current_sha256, f.current_version, f.recorded, null
from facts f
order by ordinal nulls last
