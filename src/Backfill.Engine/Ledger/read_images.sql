-- A session's rows before the run and now. $1 run, $2 session.
with mine as (
    select $1::uuid as run_id, $2::uuid as session_id
),
rows_now as (
{{rows}}
)
select coalesce(g.table_name, c.table_name) as table_name, coalesce(g.key, c.key) as key, g.before_record, c.record,
       g.session_id is not null and g.after_sha256 is not distinct from c.sha256
from (
    select i.* from backfill.image i join mine m on m.run_id = i.run_id and m.session_id = i.session_id
) g
full join rows_now c on c.table_name = g.table_name and c.key = g.key
order by 1, 2
