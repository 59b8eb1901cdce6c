-- Functions that take a session and its token and return a row or JSON, the most likely one first: a name that is known, then one whose
-- argument is called a token.
select p.proname::text as name,
       case
           when r.oid is not null then
               pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE') and pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')
           else false
       end as may_execute
from pg_catalog.pg_proc p
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_type t on t.oid = p.prorettype
left join pg_catalog.pg_roles r on r.rolname = 'anon'
cross join lateral (
    select pg_catalog.array_position(array['get_profile_by_session', 'get_results_by_session'], p.proname::text) as known,
           exists (select from pg_catalog.unnest(p.proargnames) a (name) where a.name ilike '%token%') as takes_token
) likely
where n.nspname = 'public'
    -- The one that a profile names, or any.
    and ($1::text is null or p.proname = $1)
    and p.prokind = 'f'
    and pg_catalog.oidvectortypes(p.proargtypes) = 'uuid, text'
    and (t.typtype = 'c' or t.typname in ('json', 'jsonb', 'record'))
    and ($1::text is not null or likely.known is not null or likely.takes_token)
order by likely.known nulls last, p.proname
