insert into backfill.plan (plan_sha256, document, path) values ($1, $2, $3) on conflict (plan_sha256) do nothing
