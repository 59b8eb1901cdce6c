-- What it would take of {{table}}.
select {{name}} as table_name, t.*
from {{table}} t
join pg_temp.backfill_session s on t.{{session_column}} = s.session_id::{{session_type}}
where ({{proof}})
  and {{window}}
order by t.{{session_column}}
