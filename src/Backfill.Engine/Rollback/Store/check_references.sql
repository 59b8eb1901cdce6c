-- In replica mode no foreign key was checked: each one that leads from a restored row is checked here, and each one that leads to
-- a column of it that is not its key.
do $backfill$
declare
    f record;
    broken boolean;
begin
    for f in
        select k.conname, k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent, c.given, c.joins,
               case when own.place is null then 'true' else format(
                   '%s in (select u.key from pg_temp.backfill_undo u where u.place = %s and u.conflict is null and u.action <> ''delete'')',
                   own.child_key, own.place) end as restored
        from pg_constraint k
        left join pg_temp.backfill_shape own
            on own.relation = k.conrelid
            and exists (select from pg_temp.backfill_trigger g where g.place = own.place and g.held = 'replica')
        cross join lateral (
            select string_agg(format('child.%I is not null', a.attname), ' and ') as given,
                   string_agg(format('cur.%I = child.%I', b.attname, a.attname), ' and ') as joins
            from unnest(k.conkey, k.confkey) as u (child_column, parent_column)
            join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.child_column
            join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.parent_column
        ) c
        where k.contype = 'f'
          and k.conparentid = 0
          and (
              own.place is not null
              or exists (
                  select from pg_temp.backfill_shape p
                  join pg_temp.backfill_trigger g on g.place = p.place and g.held = 'replica'
                  where p.relation = k.confrelid
                    and exists (
                        select from unnest(k.confkey) as u (attnum)
                        join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.attnum
                        join pg_temp.backfill_column n on n.place = p.place and n.name = a.attname
                        where n.key_place is null)
              )
          )
    loop
        execute format(
            'select exists (select from %s child where %s and %s and not exists (select from %s cur where %s))',
            f.child, f.given, f.restored, f.parent, f.joins)
        into broken;
        if broken then
            raise exception using
                errcode = 'foreign_key_violation',
                message = format('What was restored breaks the foreign key %s of %s; nothing was changed.', f.conname, f.child);
        end if;
    end loop;
end
$backfill$
