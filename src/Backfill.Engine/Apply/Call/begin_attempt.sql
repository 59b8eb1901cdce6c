with mine as (
{{held}}
),
announced as (
    insert into backfill.operation (run_id, session_id, position, attempt, function, params, fence)
    select m.run_id, m.session_id, $4, $5, $6, $7::json, m.fence from mine m
    -- The same order again, after an answer that was lost.
    on conflict (run_id, session_id, position, attempt) do nothing
),
rows_now as (
{{rows}}
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
