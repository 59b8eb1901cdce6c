with mine as (
{{held}}
),
given as (
    select m.run_id, g.*
    from unnest(
        $2::uuid[], $3::bigint[], $4::integer[], $5::integer[], $6::timestamptz[], $7::bigint[], $8::integer[], $9::text[], $10::text[],
        $11::text[], $12::text[]
    ) as g (session_id, fence, position, attempt, sent_at, duration_ms, status_code, outcome, category, message, response)
    join mine m on m.session_id = g.session_id and m.fence = g.fence
),
written as (
    select m.run_id, w.*
    from unnest($13::uuid[], $14::text[]) as w (session_id, table_name)
    join mine m on m.session_id = w.session_id
),
rows_now as (
{{rows}}
),
noted as (
    update backfill.operation o
    -- An effect that is found without a record of the call was sent no sooner than it was announced.
    set sent_at = coalesce(g.sent_at, o.sent_at, o.created_at),
        duration_ms = coalesce(g.duration_ms, o.duration_ms),
        status_code = coalesce(g.status_code, o.status_code),
        outcome = g.outcome,
        category = g.category,
        message = g.message,
        response = coalesce(g.response::jsonb, o.response)
    from given g
    where o.run_id = g.run_id and o.session_id = g.session_id and o.position = g.position and o.attempt = g.attempt
),
kept as (
    insert into backfill.image (run_id, session_id, table_name, key, after_sha256, after_version, recorded)
    select w.run_id, c.session_id, c.table_name, c.key, c.sha256, c.version, c.recorded
    from rows_now c
    join written w on w.session_id = c.session_id and w.table_name = c.table_name
    on conflict (run_id, session_id, table_name, key) do update
    set after_sha256 = excluded.after_sha256, after_version = excluded.after_version, recorded = excluded.recorded
),
gone as (
    update backfill.image g
    set after_sha256 = null, after_version = null
    from written w
    where g.run_id = w.run_id
      and g.session_id = w.session_id
      and g.table_name = w.table_name
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
