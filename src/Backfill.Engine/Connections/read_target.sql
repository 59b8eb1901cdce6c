-- What a connection must know before it may be used. Catalogs only, so that a role without rights on a table learns the same.
select
    pg_catalog.current_setting('server_version_num')::int as version_num,
    pg_catalog.current_setting('server_version') as version,
    pg_catalog.current_database()::text as database,
    (select d.oid::bigint from pg_catalog.pg_database d where d.datname = pg_catalog.current_database()) as database_oid,
    current_user::text as role,
    pg_catalog.pg_is_in_recovery() as is_replica,
    array(
        select wanted.schema || '.' || wanted.name
        from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[])) with ordinality as wanted (schema, name, place)
        where not exists (
            select
            from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where n.nspname = wanted.schema and c.relname = wanted.name and c.relkind in ('r', 'p')
        )
        order by wanted.place
    ) as missing
