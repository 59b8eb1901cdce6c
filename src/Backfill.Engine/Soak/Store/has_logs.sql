-- Not every project has this table. Looked up in the catalogs: a missing right on it is not the same as its absence.
select exists (
    select
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relname = 'fn_logs' and c.relkind in ('r', 'p', 'v', 'f')
)
