-- Decisions on gates, and their uses. Only ever added to: each row holds the hash of the one before it, and the run how many
-- there are and the newest one's. That finds accidents and casual edits; the database's owner is trusted.
create table backfill.gate (
    run_id uuid not null references backfill.run on delete cascade,
    sequence integer not null check (sequence > 0),
    gate text not null check (gate in ('ApplyReview', 'SoakGoNoGo', 'ProdApply')),
    action text not null check (action in ('Approved', 'Denied', 'Used')),
    at timestamptz not null,
    plan_sha256 text not null,
    -- As they were hashed, to the letter: json keeps its text.
    evidence json not null,
    evidence_sha256 text not null,
    criteria json not null,
    -- What was re-read from another ledger.
    other_evidence json,
    overridden boolean not null,
    reason text,
    operator text not null,
    database_role text not null,
    approver text,
    expires_at timestamptz,
    used_for text,
    previous_sha256 text not null,
    sha256 text not null,
    primary key (run_id, sequence),
    check ((action = 'Used') = (used_for is not null)),
    check ((action = 'Used') = (reason is null)),
    check ((action = 'Approved') = (expires_at is not null))
);

alter table backfill.run add column gate_count integer not null default 0;
alter table backfill.run add column gate_head text;

-- What the sessions of a production run were found to lack, just before they were frozen.
create table backfill.run_health (
    run_id uuid primary key references backfill.run on delete cascade,
    measured_at timestamptz not null,
    sessions integer not null,
    needing_backfill integer not null,
    not_backfillable integer not null,
    missing integer not null,
    problem text
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
