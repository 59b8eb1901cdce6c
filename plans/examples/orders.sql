-- Another project, to rehearse on in the sandbox: orders that are finished get an invoice. In PowerShell:
--   $sandbox = Start-BackfillSandbox
--   psql $sandbox.DatabaseUrl -f orders.sql
--   Connect-Backfill -Sandbox $sandbox -TargetProfile orders.profile.json
--   Invoke-BackfillApply orders.plan.json
create table public.orders (
    id uuid primary key,
    status text not null,
    created_at timestamptz not null default now(),
    finished_at timestamptz
);
create index on public.orders (status, finished_at);

create table public.order_lines (
    order_id uuid not null references public.orders on delete cascade,
    line int not null,
    amount numeric not null,
    primary key (order_id, line)
);

create table public.invoices (
    order_id uuid primary key references public.orders on delete cascade,
    version text not null,
    total numeric not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);

alter table public.orders enable row level security;
alter table public.order_lines enable row level security;
alter table public.invoices enable row level security;
grant select on public.orders, public.order_lines to service_role;
grant select, insert, update on public.invoices to service_role;

-- Eight orders: the first has an invoice of the version in force, the second an older one, the last one has no lines, and the
-- seventh isn't finished.
insert into public.orders (id, status, created_at, finished_at)
select ('0bde0000-0000-4000-8000-00000000000' || n)::uuid,
       case when n = 7 then 'open' else 'finished' end,
       now() - interval '3 hours',
       case when n <> 7 then now() - make_interval(mins => 70 - n) end
from generate_series(1, 8) n;

insert into public.order_lines (order_id, line, amount)
select o.id, l, 10.50 * l
from public.orders o
cross join generate_series(1, 2) l
where o.id <> '0bde0000-0000-4000-8000-000000000008';

insert into public.invoices (order_id, version, total, created_at, updated_at)
values ('0bde0000-0000-4000-8000-000000000001', 'v2', 31.50, now() - interval '2 hours', now() - interval '2 hours'),
       ('0bde0000-0000-4000-8000-000000000002', 'v1', 30.00, now() - interval '2 hours', now() - interval '2 hours');

-- The project's edge function. The sandbox calls edge_functions.<name>(uuid, jsonb) where it has no function of that name itself.
create schema edge_functions;
grant usage on schema edge_functions to service_role;

create function edge_functions.make_invoice(session_id uuid, params jsonb)
returns jsonb
language sql
as $$
    insert into public.invoices (order_id, version, total)
    select $1, $2 ->> 'version', sum(l.amount)
    from public.order_lines l
    where l.order_id = $1
    having count(*) > 0
    on conflict (order_id) do update set version = excluded.version, total = excluded.total, updated_at = now()
    returning jsonb_build_object('order_id', order_id, 'version', version)
$$;
grant execute on function edge_functions.make_invoice(uuid, jsonb) to service_role;
