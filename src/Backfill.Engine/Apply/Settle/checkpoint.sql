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
    -- By its place, which is looked up by the index whatever is known of the table; nobody else writes it under this lock.
    cross join lateral (
        select p.ctid as place
        from backfill.operation p
        where p.run_id = g.run_id and p.session_id = g.session_id and p.position = g.position and p.attempt = g.attempt
        offset 0
    ) p
    where o.ctid = p.place
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
    cross join lateral (
        select b.ctid as place, b.key
        from backfill.image b
        where b.run_id = w.run_id and b.session_id = w.session_id and b.table_name = w.table_name and b.after_version is not null
        offset 0
    ) b
    where g.ctid = b.place
      and not exists (
          select from rows_now c where c.session_id = w.session_id and c.table_name = w.table_name and c.key = b.key)
),
facts as (
{{facts}}
)
-- A row for each claim that is held, then one for each row of its session: joined, all rows would be looked through for each.
select m.session_id, null as table_name, null as key, null as before_version, null as known_sha256, null as current_sha256,
       null as current_version, null::jsonb as recorded
from mine m
union all
select f.session_id, f.table_name, f.key, f.before_version, f.known_sha256, f.current_sha256, f.current_version, f.recorded
from facts f
