-- Rollbacks of runs: who, when, why, what. Only ever added to.
create table backfill.rollback (
    rollback_id uuid primary key,
    run_id uuid not null references backfill.run on delete cascade,
    at timestamptz not null default clock_timestamp(),
    -- Every session of the run was taken in; otherwise those of rollback_session.
    whole_run boolean not null,
    on_conflict text not null check (on_conflict in ('Stop', 'Skip')),
    by_script boolean not null,
    sessions bigint not null,
    deleted bigint not null,
    restored bigint not null,
    reinserted bigint not null,
    conflicts bigint not null,
    verified boolean not null,
    operator text not null,
    database_role text not null default current_user,
    reason text
);

create index rollback_by_run on backfill.rollback (run_id, at);

create table backfill.rollback_table (
    rollback_id uuid not null references backfill.rollback on delete cascade,
    table_name text not null,
    deleted bigint not null,
    restored bigint not null,
    reinserted bigint not null,
    conflicts bigint not null,
    verified boolean not null,
    -- Columns that a trigger has changed after they were restored.
    rewritten text[] not null default '{}',
    primary key (rollback_id, table_name)
);

create table backfill.rollback_session (
    run_id uuid not null,
    session_id uuid not null,
    rollback_id uuid not null references backfill.rollback on delete cascade,
    primary key (run_id, session_id, rollback_id)
);

create index rollback_session_by_rollback on backfill.rollback_session (rollback_id);

-- Rows that were not as the run had left them, and stay as they are.
create table backfill.rollback_conflict (
    rollback_id uuid not null references backfill.rollback on delete cascade,
    session_id uuid not null,
    table_name text not null,
    key text not null,
    conflict text not null check (conflict in ('Changed', 'Deleted', 'Unsettled', 'Referenced', 'ParentGone')),
    detail text,
    primary key (rollback_id, table_name, key)
);

-- Sessions that were rolled back by themselves may be done again, too.
create or replace function backfill.passed_over(plan text, reprocess text)
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
          and not exists (select from backfill.rollback b where b.run_id = i.run_id and b.whole_run and b.at >= i.settled_at)
          and not exists (
              select from backfill.rollback_session s
              join backfill.rollback b on b.rollback_id = s.rollback_id
              where s.run_id = i.run_id and s.session_id = i.session_id and b.at >= i.settled_at)
        order by i.session_id, i.settled_at desc
    ) e
    where reprocess = 'None' or e.outcome in ('Succeeded', 'Skipped')
$$;

do $$
declare
    role_name text;
    table_name text;
begin
    for table_name in select c.relname from pg_catalog.pg_class c where c.relnamespace = 'backfill'::regnamespace and c.relkind = 'r' loop
        execute format('alter table backfill.%I enable row level security', table_name);
    end loop;
    foreach role_name in array array['anon', 'authenticated', 'service_role'] loop
        if exists (select from pg_catalog.pg_roles r where r.rolname = role_name) then
            execute format('revoke all on all tables in schema backfill from %I', role_name);
        end if;
    end loop;
end
$$;
