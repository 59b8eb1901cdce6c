-- Statements that are run for each session look up its rows by their indexes, in the same way whatever the
-- statistics are and whatever the values: a plan that is kept was often made when the tables were still empty. A bitmap would read
-- all that is left of a run to find its first session. Where there is no index, the price of what is off must not set off a
-- compilation.
select set_config('enable_seqscan', 'off', {{local}}),
       set_config('enable_bitmapscan', 'off', {{local}}),
       set_config('jit', 'off', {{local}}),
       set_config('plan_cache_mode', 'force_generic_plan', {{local}})
