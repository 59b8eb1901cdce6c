-- The cluster and the database as they are, never as somebody says.
insert into backfill.install (environment, system_identifier, database_oid, project_ref, is_sandbox, schema_version)
select $1, c.system_identifier::text, d.oid::bigint, $2, $3, $4
from pg_catalog.pg_control_system() c
cross join pg_catalog.pg_database d
where d.datname = current_database()
on conflict (only_row) do update set schema_version = excluded.schema_version
