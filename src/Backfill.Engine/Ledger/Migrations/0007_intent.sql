-- What an operator ordered stands apart from where the run is: only orders write it, and only an order, or its own end, lifts it.
alter table backfill.run
    add column intent text not null default 'Run' check (intent in ('Run', 'Suspend', 'Stop')),
    add column intent_by text,
    add column intent_at timestamptz,
    add column intent_reason text,
    -- When a suspension ends by itself; null where only a person ends it.
    add column intent_until timestamptz,
    -- Why the run is where it is, as a code; state_reason says it in words.
    add column cause text,
    add column name text,
    add column ticket text,
    add check (intent_until is null or intent = 'Suspend');

alter table backfill.run drop constraint run_state_check;
alter table backfill.run add constraint run_state_check check (
    state in ('Pending', 'Running', 'Suspended', 'Paused', 'Halted', 'Completed', 'Aborted', 'RolledBack'));

-- Until now one column held both, and halts and leaving workers wrote it, too. The last order tells which it was.
with ordered as (
    select distinct on (e.run_id) e.run_id, e.event, e.by_whom, e.at, e.reason
    from backfill.run_event e
    where e.event in ('Suspend', 'Resume', 'Stop', 'Started')
    order by e.run_id, e.event_id desc
)
update backfill.run r
set intent = o.event, intent_by = o.by_whom, intent_at = o.at, intent_reason = o.reason
from ordered o
where o.run_id = r.run_id
  and ((o.event = 'Suspend' and r.wanted_state = 'Paused') or (o.event = 'Stop' and r.wanted_state = 'Aborted'));

update backfill.run r set intent = 'Stop' where r.wanted_state = 'Aborted';
update backfill.run r set state = 'Suspended' where r.state = 'Paused' and r.intent = 'Suspend';
update backfill.run r
set cause = case
    when r.state in ('Suspended', 'Aborted') then 'Ordered'
    when r.state = 'Paused' and r.state_reason like 'a worker failed%' then 'WorkerFailed'
    when r.state = 'Paused' then 'WorkerStopped'
    when r.state_reason like '% attempts in a row did not go well%' then 'ConsecutiveFailures'
    when r.state_reason like '% sessions failed (limit %' then 'FailureRatio'
    when r.state_reason like 'the target''s API can''t be reached%' then 'TargetUnreachable'
end
where r.state in ('Suspended', 'Aborted', 'Paused', 'Halted');

alter table backfill.run_event rename column wanted_state to intent;
update backfill.run_event e
set intent = case when e.event = 'Stop' or e.intent = 'Aborted' then 'Stop' when e.event = 'Suspend' then 'Suspend' else 'Run' end;
alter table backfill.run_event add column cause text, add column until timestamptz;
alter table backfill.run drop column wanted_state;

-- What is ordered at this moment: a suspension may have an end.
create function backfill.intent_now(r backfill.run)
returns text
language sql volatile
as $$
    select case when ($1).intent = 'Suspend' and ($1).intent_until <= clock_timestamp() then 'Run' else ($1).intent end
$$;

-- Where a run is at this moment. A worker that died could not say so: without one, no run is running.
create function backfill.state_now(r backfill.run)
returns text
language sql volatile
as $$
    select case
        when ($1).state not in ('Running', 'Suspended') then ($1).state
        when backfill.intent_now($1) = 'Suspend' and (($1).state = 'Suspended' or not w.alive) then 'Suspended'
        when w.alive then 'Running'
        when ($1).started_at is null then 'Pending'
        else 'Paused'
    end
    from (
        select exists (
            select from backfill.worker k
            where k.run_id = ($1).run_id and k.ended_at is null and k.seen_at > clock_timestamp() - ($1).lease) as alive
    ) w
$$;

-- A session that its run ended without calling. It is settled, so that others may have it, and it is not done.
create function backfill.never_called(i backfill.item)
returns boolean
language sql immutable
as $$
    select ($1).outcome = 'Skipped' and ($1).reason in ('Aborted', 'RolledBack') is true
$$;

revoke all on function backfill.intent_now(backfill.run), backfill.state_now(backfill.run), backfill.never_called(backfill.item) from public;

-- What a plan says, whatever the layout of its file: plans that say the same are the same plan.
create function backfill.plan_content(document text)
returns text
language sql immutable
as $$
    select encode(sha256(convert_to((ltrim($1, U&'\FEFF')::jsonb)::text, 'UTF8')), 'hex')
$$;

revoke all on function backfill.plan_content(text) from public;

alter table backfill.plan add column content_sha256 text;
update backfill.plan set content_sha256 = backfill.plan_content(document);
create index plan_by_content on backfill.plan (content_sha256);

drop function backfill.passed_over(text, text);

-- What is called for each session of a batch. Kept by batch, because a claim must not bring the operations of all batches with it.
create table backfill.plan_operation (
    plan_sha256 text not null references backfill.plan on delete cascade,
    batch_id text not null,
    position integer not null,
    function text not null,
    params json not null,
    primary key (plan_sha256, batch_id, position)
);

alter table backfill.plan_operation enable row level security;

-- Sessions that a new run of a plan passes over: settled by an earlier run of the same content that was not undone, and not to be
-- done again. A session that was never called is not done.
create function backfill.passed_over(content text, reprocess text)
returns table (session_id uuid, run_id uuid, outcome text)
language sql stable
as $$
    select e.session_id, e.run_id, e.outcome
    from (
        select distinct on (i.session_id) i.session_id, i.run_id, i.outcome
        from backfill.plan p
        join backfill.run r on r.plan_sha256 = p.plan_sha256
        join backfill.item i on i.run_id = r.run_id
        where p.content_sha256 = content
          and r.state <> 'RolledBack'
          and i.state = 'settled'
          -- Neither what was itself passed over, nor what was never tried.
          and i.applied_by_run is null
          and i.claims > 0
          and not backfill.never_called(i)
          and reprocess <> 'All'
          and not exists (select from backfill.rollback b where b.run_id = i.run_id and b.whole_run and b.at >= i.settled_at)
          and not exists (
              select from backfill.rollback_session s
              join backfill.rollback b on b.rollback_id = s.rollback_id
              where s.run_id = i.run_id and s.session_id = i.session_id and b.at >= i.settled_at)
        order by i.session_id, i.settled_at desc
    ) e
    where reprocess = 'None' or e.outcome in ('Succeeded', 'Skipped')
$$;

revoke all on function backfill.passed_over(text, text) from public;

do $$
declare
    role_name text;
begin
    foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
        if exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
            execute format('revoke all on all tables in schema backfill from %I', role_name);
        end if;
    end loop;
end
$$;
