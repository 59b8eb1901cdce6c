-- Which of the named tables and views of the project are there, with their columns. From the catalogs: a missing right is not the same
-- as an absence.
select c.relname::text as name, array_agg(a.attname::text order by a.attnum) as columns
from pg_catalog.pg_class c
join pg_catalog.pg_namespace n on n.oid = c.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
where n.nspname = 'public' and c.relname = any ($1) and c.relkind in ('r', 'p', 'v', 'm', 'f')
group by c.relname
