insert into backfill.image (run_id, session_id, table_name, key, after_sha256, after_version, recorded)
select $1, a.session_id, a.table_name, a.key, decode(a.sha256, 'hex'), a.version, a.recorded::jsonb
from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
    as a (session_id, table_name, key, sha256, version, recorded)
on conflict (run_id, session_id, table_name, key) do update
set after_sha256 = excluded.after_sha256, after_version = excluded.after_version, recorded = excluded.recorded
