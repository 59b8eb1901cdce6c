-- Where a ledger is installed already, only what it lacked is added: the new schema, and the cluster's identifier where the role
-- that installed it could not read it.
insert into backfill.install as i (environment, system_identifier, database_oid, project_ref, is_sandbox, schema_version)
values ($1, $2, $3, $4, $5, $6)
on conflict (only_row) do update
set schema_version = excluded.schema_version,
    system_identifier = case
        when i.system_identifier like 'project:%' then excluded.system_identifier
        else i.system_identifier
    end
