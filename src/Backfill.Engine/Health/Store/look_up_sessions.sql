-- Named sessions, whatever they lack.
select
    s.id,
    -- As find_sessions.sql has it.
    case when s.created_at between '0001-01-01 00:00Z' and '9999-12-31 00:00Z' then s.created_at end as created_at,
    case when s.completed_at between '0001-01-01 00:00Z' and '9999-12-31 00:00Z' then s.completed_at end as completed_at,
    p.session_id is not null as has_profile,
    p.results_version,
    f.session_id is not null as has_fc_scores,
    (select count(*)::int from public.assessment_responses r where r.session_id = s.id) as responses,
    (select count(*)::int from public.fc_responses r where r.session_id = s.id) as fc_responses
from public.assessment_sessions s
left join public.profiles p on p.session_id = s.id
left join public.fc_scores f on f.session_id = s.id and f.version = $2 and f.fc_kind = $3
where s.id = any ($1)
order by s.completed_at, s.id
