-- Sessions' rows before the run and now. $1 run, $2 sessions.
with mine as (
    select $1::uuid as run_id, s.id as session_id
    from unnest($2::uuid[]) as s (id)
),
rows_now as (
{{rows}}
)
select coalesce(g.session_id, c.session_id), coalesce(g.table_name, c.table_name), coalesce(g.key, c.key), g.before_record, c.record,
       g.session_id is not null and g.after_sha256 is not distinct from c.sha256
from (
    select i.* from backfill.image i join mine m on m.run_id = i.run_id and m.session_id = i.session_id
) g
full join rows_now c on c.session_id = g.session_id and c.table_name = g.table_name and c.key = g.key
order by 2, 3
