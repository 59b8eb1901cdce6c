select g.sequence, g.gate, g.action, g.at, g.plan_sha256, g.evidence::text, g.evidence_sha256, g.criteria::text, g.other_evidence::text,
       g.overridden, g.reason, g.operator, g.database_role, g.approver, g.expires_at, g.used_for, g.previous_sha256, g.sha256
from backfill.gate g
where g.run_id = $1
order by g.sequence
