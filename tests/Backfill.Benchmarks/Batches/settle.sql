-- All sessions of the run but a hundred are settled, each after two calls.
with chosen as (
    select i.run_id, i.session_id, i.ordinal from backfill.item i where i.run_id = '{{run}}' and i.state = 'pending' order by i.ordinal desc offset 100
),
settled as (
    update backfill.item i
    set state = 'settled', outcome = 'Succeeded', claims = 1, rows_inserted = 2, started_at = now() - interval '1 s', settled_at = now()
    from chosen s
    where i.run_id = s.run_id and i.ordinal = s.ordinal
)
insert into backfill.operation (run_id, session_id, position, attempt, function, params, fence, sent_at, duration_ms, status_code, outcome)
select s.run_id, s.session_id, p.position, 1, p.function, '{}', 0, now() - interval '1 s', 100, 200, 'Succeeded'
from chosen s
cross join (values (1, 'score_fc_session'), (2, 'score_prism')) p (position, function)
on conflict do nothing;
