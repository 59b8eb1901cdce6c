-- The target's signs of health, in one look at catalogs and at a few hundred of the run's own rows.
-- $1 tables of the footprint, $2 run, $3 how many first sessions, $4 how long ago is recent, $5 whether the first ones are known.
with tables as materialized (
    select c.oid, c.reltoastrelid
    from unnest($1::text[]) as t (name)
    join pg_catalog.pg_class c on c.oid = pg_catalog.to_regclass(t.name)
),
me as (
    -- Without it, other roles' transactions, replicas and vacuums show no figures.
    select pg_catalog.pg_has_role('pg_read_all_stats', 'usage') as sees,
           pg_catalog.pg_current_wal_lsn() as lsn,
           (select s.setting::bigint from pg_catalog.pg_settings s where s.name = 'wal_segment_size') as segment_size
),
locks as materialized (
    select l.pid, l.granted, l.relation, l.database
    from pg_catalog.pg_locks l
    where l.pid <> pg_catalog.pg_backend_pid()
),
users as materialized (
    select distinct l.pid
    from locks l
    join tables t on t.oid = l.relation
    where l.database = (select d.oid from pg_catalog.pg_database d where d.datname = pg_catalog.current_database())
),
archiver as (
    select pg_catalog.current_setting('archive_mode') <> 'off' as is_on,
           a.failed_count,
           -- A WAL file's name is its timeline, and its number in two parts, in hexadecimal.
           case when a.last_archived_wal ~ '^[0-9A-F]{24}$' then
               ('x' || lpad(substr(a.last_archived_wal, 9, 8), 16, '0'))::bit(64)::bigint * (4294967296 / m.segment_size)
               + ('x' || lpad(substr(a.last_archived_wal, 17, 8), 16, '0'))::bit(64)::bigint
           end as last_archived,
           floor(pg_catalog.pg_wal_lsn_diff(m.lsn, '0/0') / m.segment_size)::bigint as current
    from pg_catalog.pg_stat_archiver a
    cross join me m
),
first_sessions as (
    select i.session_id, i.outcome
    from backfill.item i
    join backfill.run r on r.run_id = i.run_id
    where i.run_id = $2 and i.state = 'settled' and i.settled_at > r.started_at and i.claims > 0 and not $5
    order by i.settled_at
    limit $3
),
recent_sessions as (
    select i.session_id, i.outcome
    from backfill.item i
    where i.run_id = $2 and i.state = 'settled' and i.settled_at > clock_timestamp() - $4 and i.claims > 0
    order by i.settled_at desc
    limit 200
),
figures as (
    select s.is_first,
           count(*)::integer as sessions,
           percentile_cont(0.5) within group (order by c.took) as median_ms,
           avg((s.outcome in ('Failed', 'Unknown'))::integer)::float8 as failed
    from (
        select f.*, true as is_first from first_sessions f
        union all
        select n.*, false from recent_sessions n
    ) s
    cross join lateral (
        select sum(o.duration_ms)::float8 as took
        from backfill.operation o
        where o.run_id = $2 and o.session_id = s.session_id and o.sent_at is not null
    ) c
    group by s.is_first
)
select m.sees,
       (
           select max(pg_catalog.pg_wal_lsn_diff(m.lsn, coalesce(s.replay_lsn, s.flush_lsn, s.write_lsn)))::float8
           from pg_catalog.pg_stat_replication s
       ) as replica_lag,
       (
           select max(pg_catalog.pg_wal_lsn_diff(m.lsn, coalesce(s.confirmed_flush_lsn, s.restart_lsn)))::float8
           from pg_catalog.pg_replication_slots s
       ) as slot_lag,
       a.is_on as archive_is_on,
       case when a.last_archived is not null then greatest(a.current - a.last_archived - 1, 0) when a.failed_count > 0 then a.current end::float8
           as archive_waiting,
       (
           select count(*)
           from pg_catalog.pg_stat_progress_vacuum v
           join pg_catalog.pg_stat_activity b on b.pid = v.pid and b.backend_type = 'autovacuum worker'
           where exists (select from tables t where v.relid in (t.oid, t.reltoastrelid))
             -- A small table is vacuumed in a moment, and nobody minds.
             and b.xact_start < clock_timestamp() - interval '1 second'
       )::float8 as autovacuum,
       (select count(distinct l.pid) from locks l join users u on u.pid = l.pid where not l.granted)::float8 as lock_waits,
       (
           select coalesce(max(extract(epoch from clock_timestamp() - b.xact_start)), 0)
           from pg_catalog.pg_stat_activity b
           join users u on u.pid = b.pid
           where b.backend_type = 'client backend'
       )::float8 as oldest_transaction,
       (
           select sum(d.numbackends) / pg_catalog.current_setting('max_connections')::float8 from pg_catalog.pg_stat_database d
       )::float8 as connections,
       f.sessions as first_sessions, f.median_ms as first_median, f.failed as first_failed,
       n.sessions as recent_sessions, n.median_ms as recent_median, n.failed as recent_failed
from me m
cross join archiver a
left join figures f on f.is_first
left join figures n on not n.is_first
