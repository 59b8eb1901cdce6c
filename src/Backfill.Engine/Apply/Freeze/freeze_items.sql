-- Sessions that an earlier run of this plan has settled, and that are not to be done again, are settled at once.
with uncertain as (
    -- What ended Unknown, under whatever run, may be committed yet.
    select i.session_id, max(i.settled_at + greatest(r.quiet_period, $5)) as over_at
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where i.outcome = 'Unknown' and i.settled_at + greatest(r.quiet_period, $5) > clock_timestamp()
    group by i.session_id
)
insert into backfill.item (
    run_id, ordinal, batch_id, session_id, state, outcome, category, reason, applied_by_run, started_at, settled_at, not_before)
select $1, s.ordinal, s.batch_id, s.session_id,
       case when e.run_id is null then 'pending' else 'settled' end,
       case when e.run_id is not null then 'Skipped' end,
       case when e.outcome in ('Succeeded', 'Skipped') then 'AlreadyApplied' when e.outcome is not null then 'AlreadyTried' end,
       case
           when e.outcome in ('Succeeded', 'Skipped') then 'AlreadyApplied'
           when e.outcome is not null then
               'AlreadyTried: it ended ' || e.outcome || ' in run ' || e.run_id || '; -Reprocess Failed tries it again'
       end,
       e.run_id,
       case when e.run_id is not null then clock_timestamp() end,
       case when e.run_id is not null then clock_timestamp() end,
       case when e.run_id is null then u.over_at end
from backfill.plan_session s
left join backfill.passed_over((select p.content_sha256 from backfill.plan p where p.plan_sha256 = $2), $4) e on e.session_id = s.session_id
left join uncertain u on u.session_id = s.session_id
where s.plan_sha256 = $2
  and ($3::uuid[] is null or s.session_id = any ($3))
