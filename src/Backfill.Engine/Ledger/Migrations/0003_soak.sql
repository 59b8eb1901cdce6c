-- Soaks: windows over which staging was watched for a run, the samples taken in them, and their verdicts.
create table backfill.soak (
    soak_id uuid primary key,
    run_id uuid not null references backfill.run on delete cascade,
    -- By the target's clock; a sandbox's may run faster.
    window_start timestamptz not null,
    window_end timestamptz not null,
    sample_interval interval not null,
    settings jsonb not null,
    state text not null default 'Open' check (state in ('Open', 'Ended')),
    verdict text check (verdict in ('Pass', 'Fail', 'Inconclusive')),
    -- Why it ended before its window did.
    reason text,
    operator text not null,
    database_role text not null default current_user,
    begun_at timestamptz not null default clock_timestamp(),
    ended_at timestamptz,
    check (window_start < window_end),
    check ((state = 'Ended') = (verdict is not null)),
    check ((state = 'Ended') = (ended_at is not null))
);

-- Two that begin at once get the same window.
create unique index soak_open on backfill.soak (run_id) where state = 'Open';
create index soak_by_run on backfill.soak (run_id, begun_at);

create table backfill.soak_sample (
    soak_id uuid not null references backfill.soak on delete cascade,
    -- Which moment of the window it is for: of two that take it, one keeps it.
    number integer not null check (number > 0),
    at timestamptz not null,
    -- Figures; a missing one could not be measured.
    facts jsonb not null,
    checks jsonb not null,
    verdict text not null check (verdict in ('Pass', 'Fail', 'Inconclusive')),
    cost_ms bigint,
    statements integer,
    recorded_at timestamptz not null default clock_timestamp(),
    primary key (soak_id, number)
);

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
