-- What the role may do with each table that is there. row_security_active tells whether reading with row_security off
-- would be refused: a policy that applies to the role hides rows, and then the read raises an error instead.
select
    wanted.schema || '.' || wanted.name as table_name,
    pg_catalog.pg_has_role(current_user, c.relowner, 'USAGE') as is_owner,
    pg_catalog.pg_get_userbyid(c.relowner)::text as owner,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_table_privilege(c.oid, 'SELECT') as may_read,
    pg_catalog.row_security_active(c.oid) as is_hidden,
    exists (select from pg_catalog.pg_constraint k where k.conrelid = c.oid and k.contype = 'p') as has_key
from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) with ordinality as wanted (schema, name, place)
join pg_catalog.pg_namespace n on n.nspname = wanted.schema
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = wanted.name and c.relkind in ('r', 'p')
order by wanted.place
