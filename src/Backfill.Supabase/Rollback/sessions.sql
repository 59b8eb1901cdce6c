create temporary table backfill_session (
    session_id uuid primary key,
    settled boolean not null,
    -- The newest rollback that took this session in: after it, only what it left as a conflict is ours to undo.
    last_rollback uuid
) on commit drop
