insert into backfill.plan (plan_sha256, document, path, content_sha256)
values ($1, $2, $3, backfill.plan_content($2))
on conflict (plan_sha256) do nothing
