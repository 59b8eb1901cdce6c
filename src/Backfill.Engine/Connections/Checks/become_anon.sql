-- As SET LOCAL ROLE: gone with the transaction.
select pg_catalog.set_config('role', 'anon', true)
