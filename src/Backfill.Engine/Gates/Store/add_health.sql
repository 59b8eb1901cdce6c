insert into backfill.run_health (run_id, measured_at, sessions, needing_backfill, not_backfillable, missing, problem, profile_sha256)
values ($1, clock_timestamp(), $2, $3, $4, $5, $6, $7)
on conflict (run_id) do nothing
