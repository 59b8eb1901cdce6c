-- What the run's batches call, for its claims. The first worker of a plan brings it.
with added as (
    insert into backfill.plan_operation (plan_sha256, batch_id, position, function, params)
    select r.plan_sha256, o.batch_id, o.position, o.function, o.params::json
    from backfill.run r
    cross join unnest($2::text[], $3::integer[], $4::text[], $5::text[]) as o (batch_id, position, function, params)
    where r.run_id = $1
      and not exists (select from backfill.plan_operation p where p.plan_sha256 = r.plan_sha256)
    on conflict do nothing
)
select 1
