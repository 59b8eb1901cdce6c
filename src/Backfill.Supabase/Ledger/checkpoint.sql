with mine as (
{{held}}
),
rows_now as (
{{rows}}
),
noted as (
    update backfill.operation o
    -- An effect that is found without a record of the call was sent no sooner than it was announced.
    set sent_at = coalesce($6, o.sent_at, o.created_at),
        duration_ms = coalesce($7, o.duration_ms),
        status_code = coalesce($8, o.status_code),
        outcome = $9,
        category = $10,
        message = $11,
        response = coalesce($12::jsonb, o.response)
    from mine m
    where o.run_id = m.run_id and o.session_id = m.session_id and o.position = $4 and o.attempt = $5
),
kept as (
    insert into backfill.image (run_id, session_id, table_name, key, after_sha256, after_version, recorded)
    select m.run_id, c.session_id, c.table_name, c.key, c.sha256, c.version, c.recorded
    from rows_now c
    join mine m on m.session_id = c.session_id
    where c.table_name = any ($13)
    on conflict (run_id, session_id, table_name, key) do update
    set after_sha256 = excluded.after_sha256, after_version = excluded.after_version, recorded = excluded.recorded
),
gone as (
    update backfill.image g
    set after_sha256 = null, after_version = null
    from mine m
    where g.run_id = m.run_id
      and g.session_id = m.session_id
      and g.table_name = any ($13)
      and g.after_version is not null
      and not exists (
          select from rows_now c where c.session_id = g.session_id and c.table_name = g.table_name and c.key = g.key)
),
facts as (
{{facts}}
)
select m.session_id, f.table_name, f.key, f.before_version, f.known_sha256, f.current_sha256, f.current_version, f.recorded
from mine m
left join facts f on f.session_id = m.session_id
