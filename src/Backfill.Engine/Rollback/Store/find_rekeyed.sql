-- A row that gets back another value in a column that others refer to (a unique column, not the key): where rows that are not
-- ours refer to it, they would be changed or be in the way, so it stays.
insert into pg_temp.backfill_check (place, actions, statement)
select t.place,
       '{restore}',
       format(
           $sql$
           update pg_temp.backfill_undo u
           set conflict = 'Referenced', detail = %8$L
           from (
               select u.key, u.key::%1$s as k, i.before_record::%2$s as r
               from pg_temp.backfill_undo u
               join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
               where u.place = %3$s and u.action = 'restore' and u.conflict is null
               offset 0
           ) x
           join %4$s cur on %5$s
           join %6$s child on %7$s
           where u.place = %3$s and u.key = x.key and u.conflict is null and (%9$s)
             and not exists (
                 select from pg_temp.backfill_undo c where c.place = %10$s and c.key = %11$s and c.conflict is null)
           $sql$,
           t.key_type, t.row_type, t.place, t.quoted, t.by_key, c.child, c.joins,
           format('rows of %s refer to it (%s)', c.child, k.conname), c.changed,
           coalesce(child.place, 0), coalesce(child.child_key, 'null::text'))
from pg_constraint k
join pg_temp.backfill_shape t on t.relation = k.confrelid
left join pg_temp.backfill_shape child on child.relation = k.conrelid
cross join lateral (
    select k.conrelid::regclass::text as child,
           string_agg(format('child.%I = cur.%I', a.attname, b.attname), ' and ') as joins,
           string_agg(format('cur.%1$I is distinct from (x.r).%1$I', b.attname), ' or ') filter (where n.key_place is null) as changed
    from unnest(k.conkey, k.confkey) as u (child_column, parent_column)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child_column
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent_column
    join pg_temp.backfill_column n on n.place = t.place and n.name = b.attname
) c
where k.contype = 'f' and k.conparentid = 0 and c.changed is not null
