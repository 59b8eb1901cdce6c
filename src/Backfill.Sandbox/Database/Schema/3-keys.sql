-- After the rows: checking a foreign key once for a table is much faster than once for a row.
SET LOCAL ROLE postgres;

ALTER TABLE public.assessment_responses
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;
ALTER TABLE public.fc_options
    ADD FOREIGN KEY (block_id) REFERENCES public.fc_blocks (id) ON DELETE CASCADE;
ALTER TABLE public.fc_responses
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE,
    ADD FOREIGN KEY (block_id) REFERENCES public.fc_blocks (id),
    ADD FOREIGN KEY (option_id) REFERENCES public.fc_options (id);
ALTER TABLE public.fc_scores
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;
ALTER TABLE public.profiles
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;
ALTER TABLE public.scoring_results
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;
ALTER TABLE public.scoring_results_types
    ADD FOREIGN KEY (session_id) REFERENCES public.profiles (session_id) ON DELETE CASCADE;
ALTER TABLE public.scoring_results_functions
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;
ALTER TABLE public.scoring_results_state
    ADD FOREIGN KEY (session_id) REFERENCES public.assessment_sessions (id) ON DELETE CASCADE;

CREATE INDEX ON public.assessment_sessions (status, completed_at);
CREATE INDEX ON public.assessment_responses (session_id);
CREATE INDEX ON public.fc_options (block_id);
CREATE INDEX ON public.fc_responses (session_id);
CREATE INDEX ON public.fn_logs (evt, at DESC);

RESET ROLE;
