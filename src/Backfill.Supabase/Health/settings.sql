-- For this transaction only. A policy raises an error instead of hiding rows; a lock that somebody holds is not waited for
-- as long as the statement may take.
select
    pg_catalog.set_config('row_security', 'off', true),
    pg_catalog.set_config('search_path', '', true),
    pg_catalog.set_config('lock_timeout', '15s', true)
