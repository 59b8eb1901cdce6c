-- Columns and primary keys of the named tables. Dropped columns are gone from this list.
select t.name,
       c.relkind is not null as is_there,
       coalesce(columns.list, '[]') as columns,
       coalesce(key.list, '{}') as key
from unnest($1::text[]) with ordinality as t (name, place)
left join pg_catalog.pg_class c on c.oid = to_regclass(t.name)
left join lateral (
    select jsonb_agg(
               jsonb_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum) as list
    from pg_catalog.pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
) columns on true
left join lateral (
    select array_agg(a.attname::text order by k.place) as list
    from pg_catalog.pg_index i
    cross join lateral unnest(i.indkey) with ordinality as k (attnum, place)
    join pg_catalog.pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indrelid = c.oid and i.indisprimary
) key on true
order by t.place
