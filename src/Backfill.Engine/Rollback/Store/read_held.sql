-- Triggers that are held and that seem to write elsewhere, as find_other_writes.sql tells them: what they write to won't know of it.
select s.name || ': trigger ' || g.name || ' (' || n.nspname || '.' || p.proname || ')' as what
from pg_temp.backfill_trigger g
join pg_temp.backfill_shape s on s.place = g.place
join pg_catalog.pg_trigger t on t.tgrelid = s.relation and t.tgname = g.name and not t.tgisinternal
join pg_catalog.pg_proc p on p.oid = t.tgfoid
join pg_catalog.pg_namespace n on n.oid = p.pronamespace
join pg_catalog.pg_language l on l.oid = p.prolang
where g.held <> 'none'
  and l.lanname not in ('c', 'internal')
  and p.prosrc ~* '\m(insert\s+into|update\s+(only\s+)?["a-z]|delete\s+from|merge\s+into|truncate|refresh\s+materialized|perform|execute|call|notify)'
order by s.place, g.name
