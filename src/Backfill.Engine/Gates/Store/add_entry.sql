with added as (
    insert into backfill.gate (
        run_id, sequence, gate, action, at, plan_sha256, evidence, evidence_sha256, criteria, other_evidence, overridden, reason,
        operator, database_role, approver, expires_at, used_for, previous_sha256, sha256)
    values ($1, $2, $3, $4, $5, $6, $7::json, $8, $9::json, $10::json, $11, $12, $13, $14, $15, $16, $17, $18, $19)
    returning run_id, sequence, sha256
)
update backfill.run r
set gate_count = a.sequence, gate_head = a.sha256
from added a
where r.run_id = a.run_id
