-- What this rollback is; every later statement of its transaction reads it here, for a DO block takes no parameters.
create temporary table backfill_request (
    rollback_id uuid not null,
    run_id uuid not null,
    whole_run boolean not null,
    on_conflict text not null check (on_conflict in ('Stop', 'Skip')),
    -- False for a look: no row and no table is locked.
    locks boolean not null,
    by_script boolean not null,
    written_at timestamptz not null,
    operator text not null,
    reason text,
    target json not null,
    -- Whether triggers that come after the rows may fire, where we could hold them.
    fires boolean not null default false
) on commit drop
