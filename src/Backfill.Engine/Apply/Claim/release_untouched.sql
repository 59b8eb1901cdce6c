-- A session for which nothing was ever sent goes back as if never claimed: no image is kept for one that waits.
with untouched as (
    select i.run_id, i.session_id
    from backfill.item i
    where i.run_id = $1
      and i.session_id = $2
      and i.state = 'pending'
      -- Earlier claims whose worker died may have sent what was never recorded.
      and i.claims = 1
      and not exists (
          select from backfill.operation o
          where o.run_id = i.run_id and o.session_id = i.session_id and o.sent_at is not null)
),
operations as (
    delete from backfill.operation o using untouched u where o.run_id = u.run_id and o.session_id = u.session_id
),
images as (
    delete from backfill.image g using untouched u where g.run_id = u.run_id and g.session_id = u.session_id
)
update backfill.item i
set claims = 0, fence = null, started_at = null
from untouched u
where i.run_id = u.run_id and i.session_id = u.session_id
