-- A copied ledger takes the place it lies in, as a ledger of its own.
update backfill.install i
set install_id = gen_random_uuid(),
    environment = $1,
    project_ref = $2,
    system_identifier = c.system_identifier::text,
    database_oid = d.oid::bigint,
    is_sandbox = $3
from pg_catalog.pg_control_system() c
cross join pg_catalog.pg_database d
where d.datname = current_database()
  and (i.system_identifier <> c.system_identifier::text or i.database_oid <> d.oid::bigint)
