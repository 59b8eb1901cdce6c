-- The run's newest soak, and a digest over its samples.
select s.soak_id, s.run_id, s.window_start, s.window_end, s.sample_interval, s.settings::text, s.verdict, s.reason, s.ended_at,
       (select count(*)::integer from backfill.soak_sample m where m.soak_id = s.soak_id),
       (select encode(sha256(coalesce(string_agg(
                   sha256(convert_to(row(m.number, m.at, m.facts, m.checks, m.verdict, m.recorded_at)::text, 'UTF8')),
                   ''::bytea order by m.number), ''::bytea)), 'hex')
        from backfill.soak_sample m
        where m.soak_id = s.soak_id)
from backfill.soak s
where s.run_id = $1
order by s.begun_at desc, s.soak_id desc
limit 1
