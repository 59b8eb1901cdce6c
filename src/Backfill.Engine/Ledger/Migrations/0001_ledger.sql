-- The ledger: everything that is known of runs on this target. Owner only.
create schema backfill;
revoke all on schema backfill from public;

create table backfill.install (
    -- One row, and no second one.
    only_row boolean primary key default true check (only_row),
    install_id uuid not null default gen_random_uuid(),
    environment text not null check (environment in ('staging', 'production')),
    system_identifier text not null,
    database_oid bigint not null,
    project_ref text not null,
    is_sandbox boolean not null,
    schema_version integer not null,
    installed_at timestamptz not null default clock_timestamp(),
    installed_by text not null default current_user
);

-- A plan as given. Its list of sessions is fixed by the first run, and is the same for every later run of the same hash.
create table backfill.plan (
    plan_sha256 text primary key,
    document text not null,
    path text not null,
    frozen_at timestamptz not null default clock_timestamp()
);

create table backfill.plan_session (
    plan_sha256 text not null references backfill.plan,
    ordinal integer not null,
    batch_id text not null,
    session_id uuid not null,
    primary key (plan_sha256, ordinal)
);

create table backfill.run (
    run_id uuid primary key,
    plan_sha256 text not null references backfill.plan,
    state text not null default 'Pending' check (
        state in ('Pending', 'Running', 'Paused', 'Halted', 'Completed', 'Aborted', 'RolledBack')),
    wanted_state text not null default 'Running' check (wanted_state in ('Running', 'Paused', 'Aborted')),
    state_reason text,
    state_by text,
    state_at timestamptz not null default clock_timestamp(),
    throttle_per_minute integer not null check (throttle_per_minute > 0),
    concurrency_limit integer not null check (concurrency_limit > 0),
    lease interval not null,
    quiet_period interval not null,
    call_timeout interval not null,
    max_consecutive_failures integer not null check (max_consecutive_failures > 0),
    max_failure_ratio double precision not null check (max_failure_ratio > 0 and max_failure_ratio <= 1),
    minimum_sample integer not null,
    -- Per target table: columns, types and key as they were.
    target jsonb not null,
    operator text not null,
    database_role text not null default current_user,
    module_version text not null,
    created_at timestamptz not null default clock_timestamp(),
    started_at timestamptz,
    -- The breaker counts what was settled since.
    resumed_at timestamptz,
    finished_at timestamptz,
    last_slot timestamptz not null default '-infinity'
);

create index run_by_plan on backfill.run (plan_sha256);

-- What was ordered or decided, by whom, when and why. Only ever added to.
create table backfill.run_event (
    event_id bigint generated always as identity primary key,
    run_id uuid not null references backfill.run on delete cascade,
    at timestamptz not null default clock_timestamp(),
    event text not null,
    state text not null,
    wanted_state text not null,
    throttle_per_minute integer not null,
    concurrency_limit integer not null,
    by_whom text not null,
    database_role text not null default current_user,
    reason text
);

create index run_event_by_run on backfill.run_event (run_id);

-- One process that works, or worked, on a run.
create table backfill.worker (
    worker_id uuid primary key,
    run_id uuid not null references backfill.run on delete cascade,
    operator text not null,
    process_id integer not null,
    started_at timestamptz not null default clock_timestamp(),
    seen_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    waiting_for text,
    waited_for interval not null default interval '0'
);

create index worker_by_run on backfill.worker (run_id);

-- Grows with every claim: a worker with an older fence can neither call nor settle.
create sequence backfill.fence;

create table backfill.item (
    run_id uuid not null references backfill.run on delete cascade,
    ordinal integer not null,
    batch_id text not null,
    session_id uuid not null,
    state text not null default 'pending' check (state in ('pending', 'claimed', 'settled')),
    claims integer not null default 0,
    worker_id uuid,
    fence bigint,
    lease_until timestamptz,
    not_before timestamptz,
    outcome text check (outcome in ('Succeeded', 'NoEffect', 'Failed', 'Skipped', 'Unknown')),
    category text,
    reason text,
    -- For a session that an earlier run of the plan has done: that run.
    applied_by_run uuid,
    rows_inserted integer not null default 0,
    rows_updated integer not null default 0,
    rows_deleted integer not null default 0,
    started_at timestamptz,
    settled_at timestamptz,
    primary key (run_id, ordinal),
    unique (run_id, session_id),
    check ((state = 'settled') = (outcome is not null)),
    check ((state = 'claimed') = (lease_until is not null))
);

-- One unsettled item a session, over all runs: two runs can't have the same session in hand.
create unique index item_unsettled on backfill.item (session_id) where state <> 'settled';
create index item_open on backfill.item (run_id, ordinal) where state <> 'settled';
create index item_in_hand on backfill.item (run_id, fence) where state = 'claimed';
create index item_by_settlement on backfill.item (run_id, settled_at) where state = 'settled';
create index item_by_session on backfill.item (session_id);
create index item_unknown on backfill.item (session_id) where outcome = 'Unknown';

-- One row an attempt, committed before the call may be sent.
create table backfill.operation (
    run_id uuid not null,
    session_id uuid not null,
    position integer not null,
    attempt integer not null,
    function text not null,
    params json not null,
    fence bigint not null,
    created_at timestamptz not null default clock_timestamp(),
    sent_at timestamptz,
    duration_ms bigint,
    status_code integer,
    outcome text check (outcome in ('Succeeded', 'NoEffect', 'Failed', 'Skipped', 'Unknown')),
    category text,
    message text,
    response jsonb,
    primary key (run_id, session_id, position, attempt),
    foreign key (run_id, session_id) references backfill.item (run_id, session_id) on delete cascade
);

-- Each target row before the first call, and what it was at the last look. Personal data.
create table backfill.image (
    run_id uuid not null,
    session_id uuid not null,
    table_name text not null,
    -- Record text of the key's columns.
    key text not null,
    -- Record text of the row; null where it was not there. The version is its xmin.
    before_record text,
    before_version text,
    -- Once the item is settled: the after-image. Null where the row is not there.
    after_sha256 bytea,
    after_version text,
    recorded jsonb not null default '{}',
    primary key (run_id, session_id, table_name, key),
    foreign key (run_id, session_id) references backfill.item (run_id, session_id) on delete cascade,
    check ((before_record is null) = (before_version is null)),
    check ((after_sha256 is null) = (after_version is null))
);

-- Sessions that a new run of a plan passes over: settled by an earlier run that was not undone, and not to be done again.
create function backfill.passed_over(plan text, reprocess text)
returns table (session_id uuid, run_id uuid, outcome text)
language sql stable
as $$
    select e.session_id, e.run_id, e.outcome
    from (
        select distinct on (i.session_id) i.session_id, i.run_id, i.outcome
        from backfill.run r
        join backfill.item i on i.run_id = r.run_id
        where r.plan_sha256 = plan
          and r.state <> 'RolledBack'
          and i.state = 'settled'
          -- Neither what was itself passed over, nor what was never tried.
          and i.applied_by_run is null
          and i.claims > 0
          and reprocess <> 'All'
        order by i.session_id, i.settled_at desc
    ) e
    where reprocess = 'None' or e.outcome in ('Succeeded', 'Skipped')
$$;

revoke all on function backfill.passed_over(text, text) from public;

-- The one pace of this target, whatever the run.
create table backfill.pace (
    only_row boolean primary key default true check (only_row),
    last_slot timestamptz not null default '-infinity',
    -- The spacing of the run that took it.
    spacing interval not null default interval '0'
);

insert into backfill.pace default values;

do $$
declare
    role_name text;
    table_name text;
begin
    for table_name in select c.relname from pg_catalog.pg_class c where c.relnamespace = 'backfill'::regnamespace and c.relkind = 'r' loop
        execute format('alter table backfill.%I enable row level security', table_name);
    end loop;
    -- Default privileges of a project may have granted these.
    foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
        if exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
            execute format('revoke all on schema backfill from %I', role_name);
            execute format('revoke all on all tables in schema backfill from %I', role_name);
            execute format('revoke all on all sequences in schema backfill from %I', role_name);
        end if;
    end loop;
end
$$;
