-- A row can't come back, or refer again, to a parent that is gone or goes, unless that one comes back too.
insert into pg_temp.backfill_check (place, actions, statement)
select t.place,
       c.actions,
       format(
           $sql$
           update pg_temp.backfill_undo u
           set conflict = 'ParentGone', detail = %1$L
           from (
               select u.key, i.before_record::%2$s as r
               from pg_temp.backfill_undo u
               join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
               where u.place = %3$s and u.action = any (%4$L) and u.conflict is null
               offset 0
           ) x
           where u.place = %3$s and u.key = x.key and u.conflict is null
             and %5$s
             and not exists (
                 select from %6$s cur
                 where %7$s
                   and not exists (
                       select from pg_temp.backfill_undo d
                       where d.place = %8$s and d.key = %9$s and d.action = 'delete' and d.conflict is null))
             and not exists (
                 select from (
                     select i.before_record::%10$s as r
                     from pg_temp.backfill_undo p
                     join pg_temp.backfill_image i on i.place = p.place and i.key = p.key
                     where p.place = %8$s and p.action in ('reinsert', 'restore') and p.conflict is null
                     offset 0
                 ) y
                 where %11$s
             )
           $sql$,
           format('the row of %s that it refers to is gone (%s)', c.parent, k.conname),
           t.row_type, t.place, c.actions, c.given, c.parent, c.joins, coalesce(parent.place, 0), coalesce(parent.key, 'null::text'),
           coalesce(parent.row_type, t.row_type), case when parent.place is null then 'false' else c.returns end)
from pg_constraint k
join pg_temp.backfill_shape t on t.relation = k.conrelid
left join pg_temp.backfill_shape parent on parent.relation = k.confrelid
cross join lateral (
    select k.confrelid::regclass::text as parent,
           string_agg(format('(x.r).%I is not null', a.attname), ' and ') as given,
           string_agg(format('cur.%I = (x.r).%I', b.attname, a.attname), ' and ') as joins,
           string_agg(format('(y.r).%I = (x.r).%I', b.attname, a.attname), ' and ') as returns,
           -- What refers by its own key has never ceased to, as long as it is there.
           case when bool_and(n.key_place is not null) then '{reinsert}' else '{reinsert,restore}' end::text[] as actions
    from unnest(k.conkey, k.confkey) as u (child_column, parent_column)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child_column
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent_column
    left join pg_temp.backfill_column n on n.place = t.place and n.name = a.attname
) c
where k.contype = 'f' and k.conparentid = 0
