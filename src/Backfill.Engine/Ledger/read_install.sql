select i.environment, i.install_id, i.system_identifier, i.database_oid, i.project_ref, i.is_sandbox, i.schema_version
from backfill.install i
