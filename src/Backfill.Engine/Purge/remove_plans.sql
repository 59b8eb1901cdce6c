with unused as (
    select p.plan_sha256
    from backfill.plan p
    where p.plan_sha256 = any ($1)
      and not exists (select from backfill.run r where r.plan_sha256 = p.plan_sha256)
),
sessions as (
    delete from backfill.plan_session s using unused u where s.plan_sha256 = u.plan_sha256
)
delete from backfill.plan p using unused u where p.plan_sha256 = u.plan_sha256
