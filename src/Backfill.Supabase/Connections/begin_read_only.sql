-- Local only: behind a transaction pooler anything longer would reach somebody else's transaction.
select
    pg_catalog.set_config('transaction_read_only', 'on', true),
    pg_catalog.set_config('statement_timeout', $1, true),
    pg_catalog.set_config('TimeZone', 'UTC', true)
