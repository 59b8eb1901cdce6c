with mine as (
{{held}}
),
rows_now as (
{{rows}}
),
facts as (
{{facts}}
)
select m.session_id, f.table_name, f.key, f.before_version, f.known_sha256, f.current_sha256, f.current_version, f.recorded
from mine m
left join facts f on f.session_id = m.session_id
