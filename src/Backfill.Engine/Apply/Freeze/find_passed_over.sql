select e.session_id from backfill.passed_over($1, $2) e
