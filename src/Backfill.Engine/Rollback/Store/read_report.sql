select t.name, r.deleted, r.restored, r.reinserted,
       (select count(*) from pg_temp.backfill_undo u where u.place = t.place and u.conflict is not null) as conflicts,
       r.verified, r.rewritten
from pg_temp.backfill_report r
join pg_temp.backfill_shape t on t.place = r.place
order by t.place
