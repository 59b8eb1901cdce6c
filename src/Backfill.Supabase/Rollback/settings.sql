-- As long as it takes: a rollback of a long run is one transaction.
select set_config('statement_timeout', '0', true)
