-- The run's tables as they were, beside what they are now, with the pieces that the statements on each of them share.
-- In those pieces cur is the row as it is, (x.k) its key as it was written down, (x.r) the row as it was.
do $backfill$
declare
    lost text;
    shape record;
begin
    create temporary table backfill_column on commit drop as
    select t.place::integer as place,
           t.value ->> 'name' as table_name,
           to_regclass(q.quoted) as relation,
           q.quoted,
           t.value ->> 'sessionColumn' as session_column,
           c.place::integer as position,
           c.value ->> 'name' as name,
           c.value ->> 'type' as type,
           format_type(a.atttypid, a.atttypmod) as type_now,
           a.attgenerated <> '' as is_generated,
           a.attidentity = 'a' as is_identity,
           -- Whether equal values have the same text. They need not: 1.0 and 1.00.
           coalesce(o.collisdeterministic, true) and a.atttypid in (
               'uuid'::regtype, 'text'::regtype, 'character varying'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype,
               'boolean'::regtype, 'date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) as is_exact,
           k.place::integer as key_place
    from pg_temp.backfill_request r
    cross join json_array_elements(r.target -> 'tables') with ordinality as t (value, place)
    cross join lateral (
        select string_agg(quote_ident(p.part), '.' order by p.place) as quoted
        from regexp_split_to_table(t.value ->> 'name', '\.') with ordinality as p (part, place)
    ) q
    cross join json_array_elements(t.value -> 'columns') with ordinality as c (value, place)
    left join json_array_elements_text(t.value -> 'key') with ordinality as k (name, place) on k.name = c.value ->> 'name'
    left join pg_attribute a on a.attrelid = to_regclass(q.quoted) and a.attname = c.value ->> 'name' and a.attnum > 0 and not a.attisdropped
    left join pg_collation o on o.oid = a.attcollation;

    select string_agg(distinct
               case
                   when c.relation is null then format('the table %s is gone', c.table_name)
                   when c.type_now is null then format('the column %s of %s is gone', c.name, c.table_name)
                   else format('the column %s of %s was %s and is %s', c.name, c.table_name, c.type, c.type_now)
               end, '; ')
    into lost
    from pg_temp.backfill_column c
    where c.type_now is distinct from c.type;
    if lost is null then
        select string_agg(format('the primary key of %s is another', t.table_name), '; ')
        into lost
        from (
            select c.table_name, c.relation, array_agg(c.name order by c.key_place) filter (where c.key_place is not null) as key
            from pg_temp.backfill_column c
            group by c.table_name, c.relation
        ) t
        where t.key is distinct from (
            select array_agg(a.attname::text order by k.place)
            from pg_index i
            cross join lateral unnest(i.indkey) with ordinality as k (attnum, place)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
            where i.indrelid = t.relation and i.indisprimary
        );
    end if;
    if lost is not null then
        raise exception using
            errcode = 'BF001',
            message = format('The target is not what it was when the run began: %s. Its rows can''t be put back; nothing was changed.', lost);
    end if;

    create temporary table backfill_shape on commit drop as
    select c.place,
           c.table_name as name,
           c.quoted,
           c.relation::oid as relation,
           quote_ident(c.session_column) as session_column,
           0 as depth,
           'pg_temp.backfill_row_' || c.place as row_type,
           'pg_temp.backfill_key_' || c.place as key_type,
           'row(' || string_agg('cur.' || quote_ident(c.name), ', ' order by c.position) || ')::text' as record,
           'row(' || string_agg('cur.' || quote_ident(c.name), ', ' order by c.key_place) filter (where c.key_place is not null)
               || ')::text' as key,
           -- The same where the row stands as the child of another.
           'row(' || string_agg('child.' || quote_ident(c.name), ', ' order by c.key_place) filter (where c.key_place is not null)
               || ')::text' as child_key,
           string_agg(format('cur.%1$I = (x.k).%1$I', c.name), ' and ') filter (where c.key_place is not null)
               || case
                      when bool_and(c.is_exact) filter (where c.key_place is not null) then ''
                      else ' and row(' || string_agg('cur.' || quote_ident(c.name), ', ' order by c.key_place) filter (where c.key_place is not null)
                          || ')::text = (x.k)::text'
                  end as by_key,
           bool_or(c.name = c.session_column and c.key_place is not null) as is_keyed_by_session,
           string_agg(quote_ident(c.name), ', ' order by c.position) filter (where not c.is_generated) as columns,
           string_agg(format('(x.r).%I', c.name), ', ' order by c.position) filter (where not c.is_generated) as values,
           string_agg(format('%1$I = (x.r).%1$I', c.name), ', ' order by c.position)
               filter (where not c.is_generated and not c.is_identity and c.key_place is null) as assignments,
           string_agg(format('cur.%1$I <> (x.r).%1$I', c.name), ' or ')
               filter (where c.is_identity and c.key_place is null) as other_identity
    from pg_temp.backfill_column c
    group by c.place, c.table_name, c.quoted, c.relation, c.session_column;

    -- How far a table is from those that it refers to: rows go in from the least deep on, and out from the deepest.
    loop
        update pg_temp.backfill_shape child
        set depth = parent.depth + 1
        from pg_constraint f
        join pg_temp.backfill_shape parent on parent.relation = f.confrelid
        where f.contype = 'f'
          and f.conrelid = child.relation
          and f.conrelid <> f.confrelid
          and child.depth <= parent.depth
          -- Tables that refer to each other have no order.
          and parent.depth < 32;
        exit when not found;
    end loop;

    -- Types that are what the rows were: a column that came later would break the cast.
    for shape in
        select c.place,
               string_agg(format('%I %s', c.name, c.type), ', ' order by c.position) as columns,
               string_agg(format('%I %s', c.name, c.type), ', ' order by c.key_place) filter (where c.key_place is not null) as key
        from pg_temp.backfill_column c
        group by c.place
    loop
        execute format('create temporary table %I (%s) on commit drop', 'backfill_row_' || shape.place, shape.columns);
        execute format('create temporary table %I (%s) on commit drop', 'backfill_key_' || shape.place, shape.key);
    end loop;

    -- One row for each row of the chosen sessions that is not what it was before the run.
    create temporary table backfill_undo (
        place integer not null,
        session_id uuid not null,
        key text not null,
        action text not null check (action in ('delete', 'restore', 'reinsert')),
        conflict text,
        detail text,
        -- Deleted only after the rows that refer to it have their old values back.
        late boolean not null default false
    ) on commit drop;

    -- Statements that find conflicts of rows that refer to each other: those of a table, for rows with one of the actions.
    create temporary table backfill_check (
        check_id integer generated always as identity,
        place integer not null,
        actions text[] not null,
        statement text not null
    ) on commit drop;

    create temporary table backfill_report (
        place integer primary key,
        deleted bigint not null default 0,
        restored bigint not null default 0,
        reinserted bigint not null default 0,
        verified boolean not null default false,
        -- Columns that a trigger has changed, or would change.
        rewritten text[] not null default '{}'
    ) on commit drop;
    insert into pg_temp.backfill_report (place) select t.place from pg_temp.backfill_shape t;
    analyze pg_temp.backfill_shape;
end
$backfill$
