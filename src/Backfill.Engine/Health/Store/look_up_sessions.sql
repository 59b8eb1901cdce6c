-- Named sessions, whatever they lack.
select
    s.id,
    s.created_at,
    s.completed_at,
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
