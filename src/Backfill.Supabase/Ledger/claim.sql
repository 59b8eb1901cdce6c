-- One statement, so claim, images and operation rows stand or fall together, on one snapshot.
with chosen as (
    select i.run_id, i.ordinal
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where i.run_id = $1
      and i.state <> 'settled'
      and r.state = 'Running'
      and r.wanted_state = 'Running'
      and (
          (i.state = 'pending' and coalesce(i.not_before <= clock_timestamp(), true))
          -- Its worker is gone; what it may have sent must have come to rest.
          or (i.state = 'claimed' and i.lease_until + r.quiet_period <= clock_timestamp())
      )
    order by i.ordinal
    limit $3
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
    where i.run_id = c.run_id and i.ordinal = c.ordinal
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
    select m.run_id, m.session_id, o.position, 1, o.function, o.params::json, m.fence
    from mine m
    join unnest($5::text[], $6::integer[], $7::text[], $8::text[]) as o (batch_id, position, function, params)
        on o.batch_id = m.batch_id
    where m.claims = 1
),
facts as (
{{facts}}
)
-- One row for each claim, then one for each row of its session: joined, all rows would be looked through for each claim.
select m.session_id, m.ordinal, m.batch_id, m.fence, m.claims,
       (
           select jsonb_agg(jsonb_build_object('position', o.position, 'attempt', o.attempt, 'outcome', o.outcome))
           from backfill.operation o
           where m.claims > 1 and o.run_id = m.run_id and o.session_id = m.session_id
       ) as earlier,
       null as table_name, null as key, null as before_version, null as known_sha256, null as current_sha256, null as current_version,
       null::jsonb as recorded
from mine m
union all
select f.session_id, null, null, null, null, null,
       f.table_name, f.key, f.before_version, f.known_sha256, f.current_sha256, f.current_version, f.recorded
from facts f
order by ordinal nulls last
