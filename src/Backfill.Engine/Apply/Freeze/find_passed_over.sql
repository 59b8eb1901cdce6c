select e.session_id from backfill.passed_over(backfill.plan_content($1), $2) e
