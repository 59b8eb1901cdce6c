-- Users' triggers on some tables whose function seems to write elsewhere, told from its text: nothing is called. What sets a column of
-- its own row writes nowhere else.
select n.name || ': trigger ' || t.tgname || ' (' || s.nspname || '.' || p.proname || ')' as what
from unnest($1::text[]) with ordinality as n (name, place)
join pg_catalog.pg_trigger t on t.tgrelid = to_regclass(n.name) and not t.tgisinternal and t.tgenabled in ('O', 'A')
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace s on s.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where l.lanname not in ('c', 'internal')
  and p.prosrc ~* '\m(insert\s+into|update\s+(only\s+)?["a-z]|delete\s+from|merge\s+into|truncate|refresh\s+materialized|perform|execute|call|notify)'
order by n.place, t.tgname
