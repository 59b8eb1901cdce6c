-- Local only: behind a transaction pooler anything longer would reach somebody else's transaction. These hold for what is only read;
-- see Ledger/settings.sql for why.
select
    pg_catalog.set_config('transaction_read_only', 'on', true),
    pg_catalog.set_config('statement_timeout', $1, true),
    pg_catalog.set_config('lock_timeout', '15s', true),
    pg_catalog.set_config('client_encoding', 'UTF8', true),
    pg_catalog.set_config('standard_conforming_strings', 'on', true),
    pg_catalog.set_config('quote_all_identifiers', 'off', true),
    pg_catalog.set_config('exit_on_error', 'off', true),
    pg_catalog.set_config('TimeZone', 'UTC', true),
    pg_catalog.set_config('DateStyle', 'ISO, YMD', true),
    case
        when pg_catalog.current_setting('transaction_timeout', true) is not null
            then pg_catalog.set_config('transaction_timeout', '0', true)
    end
