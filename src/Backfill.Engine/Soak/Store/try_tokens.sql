-- As anon. Where nothing matches, the function gives one row in which every column is null, or no row: neither is a profile.
select
    tried.id,
    exists (
        select from public.get_profile_by_session(tried.id, tried.right_token) found where found.session_id = tried.id
    ) as is_accepted,
    exists (
        select from public.get_profile_by_session(tried.id, tried.wrong_token) found where not (found is null)
    ) or exists (
        select from public.get_profile_by_session(tried.id, tried.other_token) found where not (found is null)
    ) as is_leaked
from rows from (pg_catalog.unnest($1::uuid[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::text[]))
    as tried (id, right_token, wrong_token, other_token)
