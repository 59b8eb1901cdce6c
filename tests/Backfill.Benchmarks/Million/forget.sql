-- As if there had been no run.
truncate backfill.plan, backfill.plan_session, backfill.run, backfill.run_event, backfill.worker, backfill.item, backfill.operation, backfill.image;
truncate public.fc_scores, public.profiles, public.scoring_results, public.scoring_results_types, public.scoring_results_functions, public.scoring_results_state
