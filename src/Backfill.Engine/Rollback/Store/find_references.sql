-- Rows that would go, or lose what they refer to, with a row of ours that is deleted. Where such a row is not ours to undo, ours
-- stays.
insert into pg_temp.backfill_check (place, actions, statement)
select parent.place,
       '{delete}',
       format(
           $sql$
           update pg_temp.backfill_undo u
           set conflict = case when r.is_foreign then 'Referenced' end,
               detail = case when r.is_foreign then %7$L end,
               late = u.late or r.is_late
           from (
               select x.key,
                      bool_or(c.key is null) as is_foreign,
                      coalesce(bool_or(c.action = 'restore' or c.late), false) as is_late
               from (
                   select u.key, u.key::%1$s as k
                   from pg_temp.backfill_undo u
                   where u.place = %2$s and u.action = 'delete' and u.conflict is null
                   offset 0
               ) x
               join %3$s cur on %4$s
               join %5$s child on %6$s
               left join pg_temp.backfill_undo c
                   on c.place = %8$s and c.key = %9$s and c.conflict is null and c.action in ('delete', 'restore')
               group by x.key
           ) r
           where u.place = %2$s and u.key = r.key and u.action = 'delete' and u.conflict is null
             and (r.is_foreign or (r.is_late and not u.late))
           $sql$,
           parent.key_type, parent.place, parent.quoted, parent.by_key, c.child, c.joins,
           format('rows of %s refer to it (%s)', c.child, k.conname), coalesce(child.place, 0), coalesce(child.child_key, 'null::text'))
from pg_constraint k
join pg_temp.backfill_shape parent on parent.relation = k.confrelid
left join pg_temp.backfill_shape child on child.relation = k.conrelid
cross join lateral (
    select k.conrelid::regclass::text as child,
           string_agg(format('child.%I = cur.%I', a.attname, b.attname), ' and ') as joins
    from unnest(k.conkey, k.confkey) as u (child_column, parent_column)
    join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child_column
    join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent_column
) c
where k.contype = 'f'
  -- Those of partitions follow from the partitioned table's.
  and k.conparentid = 0
