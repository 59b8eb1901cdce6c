-- A worker that is thought to be gone neither claims nor settles while its sessions are read back.
select count(*)
from (select i.ordinal from backfill.item i where i.run_id = $1 and i.state <> 'settled' order by i.ordinal for update) l
