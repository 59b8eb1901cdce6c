-- Which of the wanted columns are there; catalogs only, so that missing rights do not look like missing columns.
select
    wanted.schema || '.' || wanted.name as table_name,
    wanted.col as column_name,
    found.oid is not null as has_table,
    pg_catalog.format_type(attribute.atttypid, null) as type_name
from rows from (pg_catalog.unnest($1::text[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[]))
    with ordinality as wanted (schema, name, col, place)
left join (
    select c.oid, c.relname, n.nspname
    from pg_catalog.pg_class c
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p')
) as found on found.nspname = wanted.schema and found.relname = wanted.name
left join pg_catalog.pg_attribute attribute
    on attribute.attrelid = found.oid and attribute.attname = wanted.col and attribute.attnum > 0 and not attribute.attisdropped
order by wanted.place
