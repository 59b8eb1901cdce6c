-- Whose tokens are tried: sessions of the window first, then the newest before it; among those of the window others each time,
-- by a hash of session and sample, so that the same sample chooses the same. By the index on (status, completed_at).
with of_window as (
    select s.id, s.share_token, 0 as part,
        pg_catalog.row_number() over (order by pg_catalog.md5(s.id::text || ':' || $3::text)) as place
    from public.assessment_sessions s
    where s.status = 'completed'
        and s.completed_at >= $1
        and s.completed_at < $2
        and s.share_token is not null
        {{unexpired}}
        and exists (select from public.profiles p where p.session_id = s.id)
    order by place
    limit $4
),
before_it as (
    select s.id, s.share_token, 1 as part,
        pg_catalog.row_number() over (order by s.completed_at desc, s.id) as place
    from public.assessment_sessions s
    where s.status = 'completed'
        and s.completed_at < $1
        and s.completed_at > '-infinity'
        and s.share_token is not null
        {{unexpired}}
        and exists (select from public.profiles p where p.session_id = s.id)
    order by s.completed_at desc, s.id
    limit $4
)
select chosen.id, chosen.share_token
from (select * from of_window union all select * from before_it) chosen
order by chosen.part, chosen.place
limit $4
