-- $1 the function with its arguments.
SELECT pg_get_functiondef($1::regprocedure)
