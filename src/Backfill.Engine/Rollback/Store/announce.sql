-- Where triggers can't be held, a few rows are put back and taken away again at once, to see which columns come out otherwise.
do $backfill$
declare
    t record;
    x record;
    column_checks text;
    differing text[];
    otherwise text[];
begin
    for t in
        select s.*
        from pg_temp.backfill_shape s
        where exists (select from pg_temp.backfill_trigger g where g.place = s.place and g.held = 'none')
    loop
        select string_agg(format('(%1$L, cur.%2$I::text is distinct from (x.r).%2$I::text)', c.name, c.name), ', ')
        into column_checks
        from pg_temp.backfill_column c
        -- An update can't set an identity; restoring can.
        where c.place = t.place and not c.is_identity;
        otherwise = '{}';
        for x in
            (
                select u.action, u.key, i.before_record
                from pg_temp.backfill_undo u
                join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                where u.place = t.place and u.conflict is null and u.action = 'restore' and t.assignments is not null
                order by u.key
                limit 20
            )
            union all
            (
                select u.action, u.key, i.before_record
                from pg_temp.backfill_undo u
                join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                where u.place = t.place and u.conflict is null and u.action = 'reinsert'
                order by u.key
                limit 20
            )
        loop
            begin
                execute format(
                    case x.action
                        when 'restore' then 'update %1$s cur set %2$s from (select $1::%3$s as k, $2::%4$s as r) x where %5$s'
                        else 'insert into %1$s (%6$s) overriding system value select %7$s from (select $2::%4$s as r) x'
                    end,
                    t.quoted, t.assignments, t.key_type, t.row_type, t.by_key, t.columns, t.values)
                using x.key, x.before_record;
                execute format(
                    $sql$
                    select coalesce(array_agg(c.name) filter (where c.differs), '{}')
                    from (select $1::%s as k, $2::%s as r) x
                    join %s cur on %s
                    cross join lateral (values %s) as c (name, differs)
                    $sql$,
                    t.key_type, t.row_type, t.quoted, t.by_key, column_checks)
                into differing
                using x.key, x.before_record;
                raise exception using errcode = 'BF999', message = 'taken away';
            exception
                when sqlstate 'BF999' then
                    otherwise = otherwise || differing;
                when integrity_constraint_violation then
                    -- It can only come back together with others.
                    null;
            end;
        end loop;
        update pg_temp.backfill_report r
        set rewritten = array(select distinct o.name from unnest(otherwise) as o (name) order by o.name)
        where r.place = t.place;
    end loop;
end
$backfill$
