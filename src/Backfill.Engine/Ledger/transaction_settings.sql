-- For a transaction only, so that it holds through a transaction pooler; for a session on connections that are proved direct. A role, a database or a client's environment may have set
-- any of these otherwise. What protects the database (default_transaction_read_only, temp_file_limit) or only chooses a plan (enable_*,
-- plan_cache_mode) stays as it is. A policy raises an error instead of hiding rows, and every name must be qualified.
select set_config('row_security', 'off', {{local}}),
       set_config('search_path', '', {{local}}),
       -- Statements and the text of values are read and written in one way on every server.
       set_config('client_encoding', 'UTF8', {{local}}),
       set_config('standard_conforming_strings', 'on', {{local}}),
       set_config('quote_all_identifiers', 'off', {{local}}),
       set_config('array_nulls', 'on', {{local}}),
       set_config('TimeZone', 'UTC', {{local}}),
       set_config('DateStyle', 'ISO, YMD', {{local}}),
       set_config('IntervalStyle', 'postgres', {{local}}),
       set_config('extra_float_digits', '1', {{local}}),
       set_config('bytea_output', 'hex', {{local}}),
       set_config('lc_monetary', 'C', {{local}}),
       set_config('xmloption', 'content', {{local}}),
       -- What was answered as committed is on the disk: a call is sent only after that. What asks for more than that can stay.
       set_config('synchronous_commit', case current_setting('synchronous_commit') when 'remote_apply' then 'remote_apply' else 'on' end, {{local}}),
       -- Foreign keys are in force, and triggers fire unless a rollback holds them. Where a role is kept from that, it is an error.
       case current_setting('session_replication_role') when 'replica' then set_config('session_replication_role', 'origin', {{local}}) end,
       -- An error that a statement foresees must not end the session.
       set_config('exit_on_error', 'off', {{local}}),
       -- A transaction whose network has died must not hold its rows for hours, nor others wait for it. One statement may take so long,
       -- whatever the role's own limit is; just less than the client waits, so that the server's word comes first.
       set_config('idle_in_transaction_session_timeout', '60s', {{local}}),
       set_config('lock_timeout', '15s', {{local}}),
       set_config('statement_timeout', '55s', {{local}}),
       -- Since PostgreSQL 17: it would cut a long rollback, however short its statements are.
       case when current_setting('transaction_timeout', true) is not null then set_config('transaction_timeout', '0', {{local}}) end
