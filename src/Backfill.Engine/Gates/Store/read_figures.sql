-- The run in figures, and digests over what they are counted from: an edit that leaves every count as it was shows, too.
-- Digests are taken by chunks, so that a long run needs no long text.
with items as (
    select i.*,
           row(i.ordinal, i.batch_id, i.session_id)::text as listed,
           row(i.ordinal, i.session_id, i.state, i.claims, i.outcome, i.category, i.reason, i.applied_by_run,
               i.rows_inserted, i.rows_updated, i.rows_deleted, i.started_at, i.settled_at)::text as settled
    from backfill.item i
    where i.run_id = $1
),
item_chunks as (
    select i.ordinal / 4096 as chunk,
           count(*) as total,
           count(*) filter (where i.outcome = 'Succeeded') as succeeded,
           count(*) filter (where i.outcome = 'NoEffect') as no_effect,
           count(*) filter (where i.outcome = 'Failed') as failed,
           count(*) filter (where i.outcome = 'Skipped') as skipped,
           count(*) filter (where i.outcome = 'Skipped' and i.reason in ('Aborted', 'RolledBack')) as never_called,
           count(*) filter (where i.outcome = 'Unknown') as unknown,
           count(*) filter (where i.state <> 'settled') as remaining,
           sha256(convert_to(string_agg(i.listed, E'\n' order by i.ordinal), 'UTF8')) as listed,
           sha256(convert_to(string_agg(i.settled, E'\n' order by i.ordinal), 'UTF8')) as settled
    from items i
    group by 1
),
item_figures as (
    select coalesce(sum(c.total), 0)::integer as total,
           coalesce(sum(c.succeeded), 0)::integer as succeeded,
           coalesce(sum(c.no_effect), 0)::integer as no_effect,
           coalesce(sum(c.failed), 0)::integer as failed,
           coalesce(sum(c.skipped), 0)::integer as skipped,
           coalesce(sum(c.never_called), 0)::integer as never_called,
           coalesce(sum(c.unknown), 0)::integer as unknown,
           coalesce(sum(c.remaining), 0)::integer as remaining,
           encode(sha256(coalesce(string_agg(c.listed, ''::bytea order by c.chunk), ''::bytea)), 'hex') as listed,
           encode(sha256(coalesce(string_agg(c.settled, ''::bytea order by c.chunk), ''::bytea)), 'hex') as settled
    from item_chunks c
),
-- What the sessions that were passed over ended in, in the run that tried them. Put below each other, as the images further down.
-- Where that run was removed from the ledger nobody knows any more, but for a success.
earlier as (
    select coalesce(max(u.ended), max(u.assumed)) as outcome
    from (
        select i.session_id,
               i.applied_by_run as tried_by,
               case when i.reason = 'AlreadyApplied' then 'Succeeded' else 'Unknown' end as assumed,
               null as ended
        from items i
        where i.applied_by_run is not null
        union all
        select e.session_id, e.run_id, null, e.outcome
        from backfill.item e
        where e.run_id = any (array(select distinct i.applied_by_run from items i where i.applied_by_run is not null))
    ) u
    group by u.session_id, u.tried_by
    having max(u.assumed) is not null
),
earlier_figures as (
    select count(*) filter (where e.outcome = 'NoEffect')::integer as no_effect,
           count(*) filter (where e.outcome = 'Failed')::integer as failed,
           count(*) filter (where e.outcome = 'Unknown')::integer as unknown
    from earlier e
),
image_chunks as (
    select right(g.session_id::text, 2) as chunk,
           sha256(convert_to(string_agg(
               row(g.session_id, g.table_name, g.key, sha256(convert_to(g.before_record, 'UTF8')), g.before_version,
                   g.after_sha256, g.after_version, g.recorded)::text,
               E'\n' order by g.session_id, g.table_name collate "C", g.key collate "C"), 'UTF8')) as digest
    from backfill.image g
    where g.run_id = $1
    group by 1
),
image_figures as (
    select encode(sha256(coalesce(string_agg(c.digest, ''::bytea order by c.chunk collate "C"), ''::bytea)), 'hex') as digest
    from image_chunks c
),
-- Put below each other and counted, not joined: a run that is not in the statistics yet is taken for one without rows, and all
-- of its images would be read for each of its sessions.
without_images as (
    select count(*)::integer as sessions
    from (
        select u.session_id
        from (
            select i.session_id, true as is_settled, i.rows_inserted as inserted, i.rows_updated as updated, i.rows_deleted as deleted
            from items i
            where i.state = 'settled'
            union all
            select g.session_id,
                   false,
                   -(g.before_version is null and g.after_version is not null)::integer,
                   -coalesce(g.before_version <> g.after_version, false)::integer,
                   -(g.before_version is not null and g.after_version is null)::integer
            from backfill.image g
            where g.run_id = $1
        ) u
        group by u.session_id
        having bool_or(u.is_settled) and (sum(u.inserted) <> 0 or sum(u.updated) <> 0 or sum(u.deleted) <> 0)
    ) d
),
rolled_back as (
    select greatest(
        (select coalesce(max(b.sessions), 0) from backfill.rollback b where b.run_id = $1 and b.whole_run),
        (select count(distinct s.session_id) from backfill.rollback_session s where s.run_id = $1))::integer as sessions
)
select f.total, f.succeeded, f.no_effect, f.failed, f.skipped, f.unknown, f.remaining,
       (select count(*)::integer from backfill.run_event e where e.run_id = $1 and e.event = 'BreakerOpened'),
       w.sessions, b.sessions, f.listed, f.settled, m.digest, e.no_effect, e.failed, e.unknown,
       (select count(*)::integer
        from backfill.plan_session s
        where s.plan_sha256 = (select r.plan_sha256 from backfill.run r where r.run_id = $1)),
       f.never_called
from item_figures f
cross join earlier_figures e
cross join image_figures m
cross join without_images w
cross join rolled_back b
