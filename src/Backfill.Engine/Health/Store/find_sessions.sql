-- The sessions of the window that lack something, and what there is to make it from. They are picked once; their answers are
-- then counted by a join, which is good with an index on session_id and without one.
with candidate as materialized (
    select
        s.id,
        s.created_at,
        s.completed_at,
        p.session_id is not null as has_profile,
        p.results_version,
        f.session_id is not null as has_fc_scores
    from public.assessment_sessions s
    left join public.profiles p on p.session_id = s.id
    left join public.fc_scores f on f.session_id = s.id and f.version = $3 and f.fc_kind = $4
    where s.status = 'completed'
      and s.completed_at >= $1
      and s.completed_at < coalesce($2, 'infinity')
      and (p.results_version is distinct from $5 or f.session_id is null)
    order by s.completed_at, s.id
    limit $6
),
answered as (
    select r.session_id, count(*)::int as rows
    from candidate c
    join public.assessment_responses r on r.session_id = c.id
    group by r.session_id
),
fc_answered as (
    select r.session_id, count(*)::int as rows
    from candidate c
    join public.fc_responses r on r.session_id = c.id
    group by r.session_id
)
select
    c.id,
    -- A time that is infinite, or beyond what a client can hold, says as little as none.
    case when c.created_at between '0001-01-01 00:00Z' and '9999-12-31 00:00Z' then c.created_at end as created_at,
    case when c.completed_at between '0001-01-01 00:00Z' and '9999-12-31 00:00Z' then c.completed_at end as completed_at,
    c.has_profile,
    c.results_version,
    c.has_fc_scores,
    coalesce(a.rows, 0) as responses,
    coalesce(fa.rows, 0) as fc_responses
from candidate c
left join answered a on a.session_id = c.id
left join fc_answered fa on fa.session_id = c.id
order by c.completed_at, c.id
