-- As anon. An answer is a row or JSON. The right token's holds the session: in a column or a field session_id, else anywhere in it. A
-- refusal holds nothing but nulls; or, where the function answers JSON, what it also says of a session that nobody has, without a part
-- that could be a profile.
with answer as (
    select tried.id, given.as_what, given.json, of_nobody.json as of_nobody
    from rows from (pg_catalog.unnest($1::uuid[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::text[]))
        as tried (id, right_token, wrong_token, other_token)
    cross join lateral (
        select 'right' as as_what, pg_catalog.to_jsonb(found) as json, tried.right_token as token
        from {{function}}(tried.id, tried.right_token) found
        union all
        select 'wrong', pg_catalog.to_jsonb(found), tried.wrong_token
        from {{function}}(tried.id, tried.wrong_token) found
        union all
        select 'wrong', pg_catalog.to_jsonb(found), tried.other_token
        from {{function}}(tried.id, tried.other_token) found
    ) given
    left join lateral (
        select pg_catalog.to_jsonb(found) as json from {{function}}($5::uuid, given.token) found limit 1
    ) of_nobody on given.as_what = 'wrong'
),
judged as (
    select a.id, a.as_what,
        case
            when pg_catalog.jsonb_typeof(a.json) = 'object' and a.json ? 'session_id' then a.json ->> 'session_id' = a.id::text
            else pg_catalog.jsonb_path_exists(a.json, '$.** ? (@ == $id)', pg_catalog.jsonb_build_object('id', a.id::text))
        end as holds_session,
        pg_catalog.jsonb_path_exists(a.json, '$.** ? (@ != null && @.type() != "object" && @.type() != "array")') as holds_anything,
        a.json is distinct from a.of_nobody
            or pg_catalog.jsonb_path_exists(a.json, '$.* ? (@.type() == "object" || @.type() == "array")') as tells_more
    from answer a
)
select tried.id,
    coalesce(pg_catalog.bool_or(j.holds_session) filter (where j.as_what = 'right'), false) as is_accepted,
    coalesce(pg_catalog.bool_or(j.holds_anything and (j.holds_session or j.tells_more)) filter (where j.as_what = 'wrong'), false) as is_leaked
from pg_catalog.unnest($1::uuid[]) tried (id)
left join judged j on j.id = tried.id
group by tried.id
