select r.table_name, r.to_delete, r.deleted, r.to_restore, r.restored, r.to_reinsert, r.reinserted, r.conflicts, r.verified, r.result
from pg_temp.backfill_result r
order by r.place
