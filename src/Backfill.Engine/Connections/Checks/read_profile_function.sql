-- Run as anon. Looked up in the catalogs: a name lookup would fail on a schema that anon may not use.
select
    current_user::text as role,
    pg_catalog.has_schema_privilege(n.oid, 'USAGE') and pg_catalog.has_function_privilege(p.oid, 'EXECUTE') as may_execute
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
where n.nspname = 'public' and p.proname = 'get_profile_by_session'
    and pg_catalog.oidvectortypes(p.proargtypes) = 'uuid, text'
