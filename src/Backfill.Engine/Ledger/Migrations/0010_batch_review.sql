-- Where a run waits for a review: nothing after that session is claimed before the gate BatchReview is approved, and the approval used.
create table backfill.run_review (
    run_id uuid not null references backfill.run on delete cascade,
    after_ordinal integer not null,
    -- In words, for example "batch priority".
    name text not null,
    primary key (run_id, after_ordinal)
);

alter table backfill.run_review enable row level security;

alter table backfill.gate drop constraint gate_gate_check;
alter table backfill.gate add constraint gate_gate_check check (gate in ('ApplyReview', 'BatchReview', 'SoakGoNoGo', 'ProdApply'));

-- Reviews that no approval has opened. Only the chain of decisions opens one.
create view backfill.open_review with (security_invoker = true) as
select v.run_id, v.after_ordinal, v.name
from backfill.run_review v
where not exists (
    select from backfill.gate g
    where g.run_id = v.run_id
      and g.gate = 'BatchReview'
      and g.action = 'Used'
      and g.used_for = 'the sessions after number ' || v.after_ordinal);

-- The review that a run waits for now: everything up to it is settled, and something after it is not.
create view backfill.due_review with (security_invoker = true) as
select o.run_id, o.after_ordinal, o.name
from backfill.open_review o
where not exists (select from backfill.open_review e where e.run_id = o.run_id and e.after_ordinal < o.after_ordinal)
  and not exists (
      select from backfill.item i where i.run_id = o.run_id and i.state <> 'settled' and i.ordinal <= o.after_ordinal)
  and exists (
      select from backfill.item i where i.run_id = o.run_id and i.state <> 'settled' and i.ordinal > o.after_ordinal);

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
