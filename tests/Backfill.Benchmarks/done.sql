select count(*)
from bench.candidate c
join public.fc_scores f on f.session_id = c.id and f.version = 'v1.2' and f.fc_kind = 'functions'
join public.profiles p on p.session_id = c.id and p.results_version = 'v1.2.1'
