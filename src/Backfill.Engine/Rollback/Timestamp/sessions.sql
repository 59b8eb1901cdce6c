create temporary table backfill_session (
    session_id uuid primary key
) on commit drop
