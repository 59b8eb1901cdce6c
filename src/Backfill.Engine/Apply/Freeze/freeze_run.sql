insert into backfill.run (
    run_id, plan_sha256, throttle_per_minute, concurrency_limit, lease, quiet_period, call_timeout, target, operator, module_version,
    max_consecutive_failures, max_failure_ratio, minimum_sample, name, ticket, hours, guard,
    ramp_start, ramp_step, ramp_attempts)
values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9, $10, $11, $12, $13, $14, $15, $16, $17::jsonb, $18, $19, $20)
