-- The guard reads the target's signs of health for all workers of a run, and holds it while one is over its limit.
alter table backfill.run
    -- Limits that differ from the module's; null where none do.
    add column guard jsonb,
    -- When a worker last took the turn to read, and when a reading was last recorded.
    add column guard_at timestamptz,
    add column guard_read_at timestamptz,
    add column guard_state jsonb,
    -- Since when it holds, by which signal, and why; null while it doesn't.
    add column guard_held_at timestamptz,
    add column guard_signal text,
    add column guard_reason text;
