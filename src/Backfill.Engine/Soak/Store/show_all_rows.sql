-- A policy that would hide rows raises an error instead: what is not seen must not look like nothing found.
select pg_catalog.set_config('row_security', 'off', true)
