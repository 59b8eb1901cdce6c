-- Of each table that proves a function's work: its session column's type, which columns say when a row was written, and what a
-- DELETE of its rows would take along or change elsewhere.
select c.oid is not null as is_there,
       format_type(s.atttypid, s.atttypmod) as session_type,
       array(
           select a.attname::text
           from pg_attribute a
           where a.attrelid = c.oid
             and a.attname in ('created_at', 'updated_at', 'computed_at')
             and a.atttypid in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype)
             and not a.attisdropped
           order by a.attnum
       ) as time_columns,
       array(
           with recursive reached as (
               select f.conrelid, f.confrelid, f.confdeltype
               from pg_constraint f
               where f.contype = 'f' and f.confrelid = c.oid and f.confdeltype in ('c', 'n', 'd')
               union
               select f.conrelid, f.confrelid, f.confdeltype
               from pg_constraint f
               join reached r on r.conrelid = f.confrelid and r.confdeltype = 'c'
               where f.contype = 'f' and f.confdeltype in ('c', 'n', 'd')
           )
           select format(
               case r.confdeltype when 'c' then 'rows of %s are deleted with those of %s' else 'rows of %s lose what they refer to in %s' end,
               r.conrelid::regclass, r.confrelid::regclass)
           from reached r
           order by 1
       ) as cascades
from unnest($1::text[], $2::text[]) with ordinality as t (name, session_column, place)
left join pg_class c on c.oid = to_regclass(t.name)
left join pg_attribute s on s.attrelid = c.oid and s.attname = t.session_column and not s.attisdropped
order by t.place
