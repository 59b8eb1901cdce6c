select t.name,
       count(*) filter (where u.conflict is null and u.action = 'delete') as to_delete,
       count(*) filter (where u.conflict is null and u.action = 'restore') as to_restore,
       count(*) filter (where u.conflict is null and u.action = 'reinsert') as to_reinsert,
       count(*) filter (where u.conflict is not null) as conflicts,
       r.rewritten
from pg_temp.backfill_shape t
join pg_temp.backfill_report r on r.place = t.place
left join pg_temp.backfill_undo u on u.place = t.place
group by t.place, t.name, r.rewritten
order by t.place
