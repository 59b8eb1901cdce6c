-- A large ledger is analyzed by itself only after a tenth of it has changed, a small one after a minute. Until then the planner takes
-- a new run for one without rows, and would compare each of its rows with each of its sessions. A role that does not own the ledger
-- can't do this: the server warns it, and goes on.
analyze (skip_locked)
    backfill.item (run_id, ordinal, session_id, state),
    backfill.operation (run_id, session_id),
    backfill.image (run_id, session_id, table_name)
