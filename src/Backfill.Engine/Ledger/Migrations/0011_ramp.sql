-- A run may begin slower than its pace, and get faster while nothing holds it.
alter table backfill.run
    -- Session attempts a minute at the beginning, how many more with each step, and how many attempts a step has. Null without a ramp.
    add column ramp_start integer,
    add column ramp_step integer,
    add column ramp_attempts integer,
    -- Slots taken since the run was last set going or held.
    add column ramp_taken integer not null default 0;

-- The pace that is in force at this moment, session attempts a minute.
create function backfill.pace_now(r backfill.run)
returns integer
language sql immutable
as $$
    -- Nulls don't count in it.
    select least(($1).throttle_per_minute, ($1).ramp_start + ($1).ramp_step::bigint * (($1).ramp_taken / ($1).ramp_attempts))::integer
$$;

revoke all on function backfill.pace_now(backfill.run) from public;
