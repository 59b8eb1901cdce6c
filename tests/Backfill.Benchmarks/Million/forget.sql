-- As if there had been no run. Whatever refers to a plan or to a run goes with it, tables of later versions too.
truncate backfill.plan cascade;
truncate public.fc_scores, public.profiles, public.scoring_results, public.scoring_results_types, public.scoring_results_functions, public.scoring_results_state
