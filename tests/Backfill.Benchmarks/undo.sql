delete from public.scoring_results_types t using bench.candidate c where t.session_id = c.id;
delete from public.scoring_results_functions t using bench.candidate c where t.session_id = c.id;
delete from public.scoring_results_state t using bench.candidate c where t.session_id = c.id;
delete from public.scoring_results t using bench.candidate c where t.session_id = c.id;
delete from public.profiles t using bench.candidate c where t.session_id = c.id;
delete from public.fc_scores t using bench.candidate c where t.session_id = c.id;
