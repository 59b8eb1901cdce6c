-- As long as it takes: a rollback of a long run is one transaction. Of a million rows, keys and hashes fit into so much memory,
-- and whole rows need not be sorted or written aside; of a short run next to nothing is used. But it waits for no lock longer than
-- this: live writers queue behind whoever waits for a table, or holds it and waits for a row.
select set_config('statement_timeout', '0', true),
       set_config('lock_timeout', '1s', true),
       set_config('work_mem', '128MB', true)
