-- Not every project has the table, and a rehearsal may drop it.
SELECT to_regclass('public.fn_logs') IS NOT NULL
