-- A planner that knows few sessions takes a pass over a whole table for the cheapest way to the rows of
-- one, and would take it for each session. Where there is no index, the price of what is off must not set off a compilation.
select set_config('enable_seqscan', 'off', {{local}}),
       set_config('jit', 'off', {{local}})
