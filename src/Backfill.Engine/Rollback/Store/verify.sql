-- Every row of the chosen sessions is compared with its before-image once more, and every trigger is what it was.
do $backfill$
declare
    t record;
    column_checks text;
    arrived text[];
    left_over bigint;
    otherwise bigint;
    found_rewritten text[];
begin
    -- A table with deferred checks outstanding can't be altered.
    set constraints all immediate;
    for t in
        select s.quoted, g.name, g.enabled
        from pg_temp.backfill_trigger g
        join pg_temp.backfill_shape s on s.place = g.place
        where g.held = 'disabled'
        order by s.place, g.name
    loop
        execute format('alter table %s enable %s trigger %I', t.quoted, case t.enabled when 'A' then 'always' else '' end, t.name);
    end loop;

    for t in
        select s.*, c.looked_at as compared,
               exists (select from pg_temp.backfill_trigger g where g.place = s.place and g.held = 'none') as is_written_by_trigger
        from pg_temp.backfill_shape s
        join pg_temp.backfill_comparison c on c.place = s.place
        order by s.place
    loop
        -- By itself, for it holds few rows: but for the conflicts, every row is its before-image now.
        execute format('create temporary table backfill_differing on commit drop as select f.session_id, f.key from (%s) f', t.compared);
        analyze pg_temp.backfill_differing;
        select array_agg(format('%s of session %s', d.key, d.session_id) order by d.key) filter (where u.key is null),
               count(*) filter (where u.action = 'delete'),
               count(*) filter (where u.action <> 'delete')
        into arrived, left_over, otherwise
        from pg_temp.backfill_differing d
        left join pg_temp.backfill_undo u on u.place = t.place and u.key = d.key
        where u.conflict is null;
        drop table pg_temp.backfill_differing;
        if arrived is not null then
            raise exception using
                errcode = 'BF003',
                message = format(
                    '%s rows of %s came or changed while the run was rolled back (%s); nothing was changed. Try again: then they are conflicts.',
                    cardinality(arrived), t.name, array_to_string(arrived[:3], ', ') || case when cardinality(arrived) > 3 then ', …' else '' end);
        end if;
        if left_over > 0 then
            raise exception using
                errcode = 'BF003',
                message = format('%s rows of %s are there again after they were deleted; nothing was changed.', left_over, t.name);
        end if;
        if otherwise > 0 then
            select string_agg(format('(%1$L, cur.%2$I::text is distinct from (x.r).%2$I::text)', c.name, c.name), ', ')
            into column_checks
            from pg_temp.backfill_column c
            where c.place = t.place;
            execute format(
                $sql$
                select array_agg(distinct c.name order by c.name) filter (where c.differs)
                from (
                    select u.key::%1$s as k, i.before_record::%2$s as r
                    from pg_temp.backfill_undo u
                    join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                    where u.place = %3$s and u.action <> 'delete' and u.conflict is null
                    offset 0
                ) x
                left join %4$s cur on %5$s
                cross join lateral (values %6$s) as c (name, differs)
                $sql$,
                t.key_type, t.row_type, t.place, t.quoted, t.by_key, column_checks)
            into found_rewritten;
            if not t.is_written_by_trigger then
                raise exception using
                    errcode = 'BF003',
                    message = format(
                        '%s rows of %s did not come back as they were (%s); nothing was changed. Look for a trigger or a rule that writes them.',
                        otherwise, t.name, array_to_string(found_rewritten, ', '));
            end if;
            raise warning '% rows of % came back otherwise in %: a trigger writes there, and this role may not hold it.',
                otherwise, t.name, array_to_string(found_rewritten, ', ');
        end if;
        update pg_temp.backfill_report r
        set verified = (otherwise = 0), rewritten = coalesce(found_rewritten, '{}')
        where r.place = t.place;
        found_rewritten = null;
    end loop;
end
$backfill$
