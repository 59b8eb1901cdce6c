-- For this transaction only, so that it holds through a transaction pooler. Text of values is the same on every server;
-- a policy raises an error instead of hiding rows; every name must be qualified.
select set_config('row_security', 'off', true),
       set_config('search_path', '', true),
       set_config('TimeZone', 'UTC', true),
       set_config('DateStyle', 'ISO, YMD', true),
       set_config('IntervalStyle', 'postgres', true),
       set_config('extra_float_digits', '1', true),
       set_config('bytea_output', 'hex', true),
       set_config('lc_monetary', 'C', true),
       set_config('xmloption', 'content', true),
       -- A transaction whose network has died must not hold its rows for hours, nor others wait for it.
       set_config('idle_in_transaction_session_timeout', '60s', true),
       set_config('lock_timeout', '15s', true)
