-- A row can't come back to a parent that is gone, unless that one comes back too.
do $backfill$
declare
    f record;
    added boolean;
begin
    if not exists (select from pg_temp.backfill_undo u where u.action = 'reinsert' and u.conflict is null) then
        return;
    end if;
    loop
        added = false;
        for f in
            select k.conname, t.*, p.quoted_parent, coalesce(parent.place, 0) as parent_place,
                   coalesce(parent.row_type, t.row_type) as parent_row_type, c.given, c.joins,
                   case when parent.place is null then 'false' else c.returns end as returns
            from pg_constraint k
            join pg_temp.backfill_shape t on t.relation = k.conrelid
            cross join lateral (select k.confrelid::regclass::text as quoted_parent) p
            left join pg_temp.backfill_shape parent on parent.relation = k.confrelid
            cross join lateral (
                select string_agg(format('(x.r).%I is not null', a.attname), ' and ') as given,
                       string_agg(format('cur.%I = (x.r).%I', b.attname, a.attname), ' and ') as joins,
                       string_agg(format('(y.r).%I = (x.r).%I', b.attname, a.attname), ' and ') as returns
                from unnest(k.conkey, k.confkey) as u (child_column, parent_column)
                join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child_column
                join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent_column
            ) c
            where k.contype = 'f' and k.conparentid = 0
        loop
            execute format(
                $sql$
                update pg_temp.backfill_undo u
                set conflict = 'ParentGone', detail = %1$L
                from (
                    select u.key, i.before_record::%2$s as r
                    from pg_temp.backfill_undo u
                    join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                    where u.place = %3$s and u.action = 'reinsert' and u.conflict is null
                    offset 0
                ) x
                where u.place = %3$s and u.key = x.key and u.action = 'reinsert' and u.conflict is null
                  and %4$s
                  and not exists (select from %5$s cur where %6$s)
                  and not exists (
                      select from (
                          select i.before_record::%7$s as r
                          from pg_temp.backfill_undo p
                          join pg_temp.backfill_image i on i.place = p.place and i.key = p.key
                          where p.place = %8$s and p.action = 'reinsert' and p.conflict is null
                          offset 0
                      ) y
                      where %9$s
                  )
                $sql$,
                format('the row of %s that it refers to is gone (%s)', f.quoted_parent, f.conname),
                f.row_type, f.place, f.given, f.quoted_parent, f.joins, f.parent_row_type, f.parent_place, f.returns);
            added = added or found;
        end loop;
        exit when not added;
    end loop;
end
$backfill$
