select h.measured_at, h.sessions, h.needing_backfill, h.not_backfillable, h.missing, h.problem, h.profile_sha256
from backfill.run_health h
where h.run_id = $1
