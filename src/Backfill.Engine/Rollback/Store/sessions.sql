-- Each session once, as in the run. Without an index: nothing looks one up, and a million of them are written sooner.
create temporary table backfill_session (
    session_id uuid not null,
    settled boolean not null,
    -- The newest rollback that took this session in: after it, only what it left as a conflict is ours to undo.
    last_rollback uuid
) on commit drop
