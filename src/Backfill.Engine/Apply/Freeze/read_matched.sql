-- In which type each column is compared, and the operator that does it. Null where the column is not there, or its type knows no
-- equality (json): then its text is compared.
select y.type, y.equal_sign, coalesce(y.is_text, false)
from unnest($1::text[], $2::text[]) with ordinality as t (table_name, column_name, place)
left join lateral (
    select format_type(b.oid, -1) as type,
           format('operator(%I.=)', n.nspname) as equal_sign,
           b.oid in ('text'::regtype, 'character varying'::regtype) and coalesce(l.collisdeterministic, true) as is_text
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_type d on d.oid = a.atttypid
    join pg_catalog.pg_type b on b.oid = case when d.typtype = 'd' then d.typbasetype else d.oid end
    left join pg_catalog.pg_collation l on l.oid = a.attcollation
    join pg_catalog.pg_operator o
        on o.oprname = '='
        and o.oprleft = o.oprright
        and o.oprleft = case
            when b.oid = 'character varying'::regtype then 'text'::regtype
            when b.typtype = 'e' then 'anyenum'::regtype
            when b.typtype = 'r' then 'anyrange'::regtype
            when b.typtype = 'm' then 'anymultirange'::regtype
            when b.typtype = 'c' then 'record'::regtype
            when b.typcategory = 'A' then 'anyarray'::regtype
            else b.oid
        end
    join pg_catalog.pg_namespace n on n.oid = o.oprnamespace
    where a.attrelid = to_regclass(t.table_name) and a.attname = t.column_name and a.attnum > 0 and not a.attisdropped
    -- An extension may have an operator of the same name beside the system's.
    order by n.nspname <> 'pg_catalog', n.nspname
    limit 1
) y on true
order by t.place
