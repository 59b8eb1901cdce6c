-- The run's reviews, and its sessions up to each of them in figures. Digests are taken by chunks, as in read_figures.sql.
select v.after_ordinal, v.name,
       not exists (
           select from backfill.open_review o where o.run_id = v.run_id and o.after_ordinal = v.after_ordinal) as is_passed,
       f.total, f.succeeded, f.no_effect, f.failed, f.skipped, f.unknown, f.remaining,
       exists (
           select from backfill.item i where i.run_id = v.run_id and i.state <> 'settled' and i.ordinal > v.after_ordinal) as is_more_left,
       f.last_settled_at, f.digest, g.digest, c.median, c.calls, h.holds, h.reason
from backfill.run_review v
cross join lateral (
    select coalesce(sum(k.total), 0)::integer as total,
           coalesce(sum(k.succeeded), 0)::integer as succeeded,
           coalesce(sum(k.no_effect), 0)::integer as no_effect,
           coalesce(sum(k.failed), 0)::integer as failed,
           coalesce(sum(k.skipped), 0)::integer as skipped,
           coalesce(sum(k.unknown), 0)::integer as unknown,
           coalesce(sum(k.remaining), 0)::integer as remaining,
           max(k.last_settled_at) as last_settled_at,
           encode(sha256(coalesce(string_agg(k.digest, ''::bytea order by k.chunk), ''::bytea)), 'hex') as digest
    from (
        select i.ordinal / 4096 as chunk,
               count(*) as total,
               count(*) filter (where i.outcome = 'Succeeded') as succeeded,
               count(*) filter (where i.outcome = 'NoEffect') as no_effect,
               count(*) filter (where i.outcome = 'Failed') as failed,
               count(*) filter (where i.outcome = 'Skipped') as skipped,
               count(*) filter (where i.outcome = 'Unknown') as unknown,
               count(*) filter (where i.state <> 'settled') as remaining,
               max(i.settled_at) as last_settled_at,
               sha256(convert_to(string_agg(
                   row(i.ordinal, i.session_id, i.state, i.claims, i.outcome, i.category, i.reason, i.applied_by_run,
                       i.rows_inserted, i.rows_updated, i.rows_deleted, i.started_at, i.settled_at)::text,
                   E'\n' order by i.ordinal), 'UTF8')) as digest
        from backfill.item i
        where i.run_id = v.run_id and i.ordinal <= v.after_ordinal
        group by 1
    ) k
) f
cross join lateral (
    select encode(sha256(coalesce(string_agg(k.digest, ''::bytea order by k.chunk collate "C"), ''::bytea)), 'hex') as digest
    from (
        select right(m.session_id::text, 2) as chunk,
               sha256(convert_to(string_agg(
                   row(m.session_id, m.table_name, m.key, sha256(convert_to(m.before_record, 'UTF8')), m.before_version,
                       m.after_sha256, m.after_version, m.recorded)::text,
                   E'\n' order by m.session_id, m.table_name collate "C", m.key collate "C"), 'UTF8')) as digest
        from backfill.image m
        where m.run_id = v.run_id
          and m.session_id in (
              select i.session_id from backfill.item i where i.run_id = v.run_id and i.ordinal <= v.after_ordinal)
        group by 1
    ) k
) g
cross join lateral (
    select round(percentile_cont(0.5) within group (order by p.duration_ms))::bigint as median, count(*)::integer as calls
    from backfill.operation p
    where p.run_id = v.run_id
      and p.duration_ms is not null
      and p.session_id in (select i.session_id from backfill.item i where i.run_id = v.run_id and i.ordinal <= v.after_ordinal)
) c
cross join lateral (
    -- Later ones belong to the sessions after it.
    select count(*)::integer as holds, (array_agg(e.reason order by e.at desc))[1] as reason
    from backfill.run_event e
    where e.run_id = v.run_id and e.event = 'TargetBusy' and e.at <= f.last_settled_at
) h
where v.run_id = $1
order by v.after_ordinal
