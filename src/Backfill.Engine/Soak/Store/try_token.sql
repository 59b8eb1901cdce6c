-- As anon, one token. Whether the answer holds the session, and whether it holds anything at all.
select
    coalesce(pg_catalog.bool_or(
        case
            when pg_catalog.jsonb_typeof(answer.json) = 'object' and answer.json ? 'session_id' then answer.json ->> 'session_id' = $1::uuid::text
            else pg_catalog.jsonb_path_exists(answer.json, '$.** ? (@ == $id)', pg_catalog.jsonb_build_object('id', $1::uuid::text))
        end), false) as holds_session,
    coalesce(pg_catalog.bool_or(
        pg_catalog.jsonb_path_exists(answer.json, '$.** ? (@ != null && @.type() != "object" && @.type() != "array")')), false) as holds_anything
from {{function}}($1, $2) found
cross join lateral (select pg_catalog.to_jsonb(found) as json) answer
