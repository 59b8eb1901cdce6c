-- The clock; and a sandbox's own, which its owner has set for the database. From the catalog: a pooled connection keeps the
-- settings that were there when it was opened.
select
    pg_catalog.clock_timestamp(),
    (
        select pg_catalog.max(pg_catalog.substr(setting.text, pg_catalog.length('sandbox.clock_origin=') + 1))
        from pg_catalog.pg_db_role_setting own
        cross join lateral pg_catalog.unnest(own.setconfig) setting (text)
        where own.setrole = 0
            and own.setdatabase = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
            and pg_catalog.starts_with(setting.text, 'sandbox.clock_origin=')
    ),
    (
        select pg_catalog.max(pg_catalog.substr(setting.text, pg_catalog.length('sandbox.clock_factor=') + 1))
        from pg_catalog.pg_db_role_setting own
        cross join lateral pg_catalog.unnest(own.setconfig) setting (text)
        where own.setrole = 0
            and own.setdatabase = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
            and pg_catalog.starts_with(setting.text, 'sandbox.clock_factor=')
    )
