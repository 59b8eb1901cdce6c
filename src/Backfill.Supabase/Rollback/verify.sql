-- Every row is compared with its before-image, and every trigger is what it was.
do $backfill$
declare
    t record;
    column_checks text;
    wanted bigint;
    matching bigint;
    left_over bigint;
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
        select s.*, coalesce((select g.held from pg_temp.backfill_trigger g where g.place = s.place and g.held = 'none' limit 1), '') as held
        from pg_temp.backfill_shape s
    loop
        execute format(
            $sql$
            -- By hash: a key and a hash of each row fit into memory, whole rows do not.
            select count(*), count(*) filter (where sha256(convert_to(%1$s, 'UTF8')) = x.before_sha256)
            from (
                select u.key::%2$s as k, sha256(convert_to(i.before_record, 'UTF8')) as before_sha256
                from pg_temp.backfill_undo u
                join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                where u.place = %3$s and u.action <> 'delete' and u.conflict is null
                offset 0
            ) x
            left join %4$s cur on %5$s
            $sql$,
            t.record, t.key_type, t.place, t.quoted, t.by_key)
        into wanted, matching;
        execute format(
            $sql$
            select count(*)
            from (
                select u.key::%1$s as k
                from pg_temp.backfill_undo u
                where u.place = %2$s and u.action = 'delete' and u.conflict is null
                offset 0
            ) x
            join %3$s cur on %4$s
            $sql$,
            t.key_type, t.place, t.quoted, t.by_key)
        into left_over;
        if left_over > 0 then
            raise exception using
                errcode = 'BF003',
                message = format('%s rows of %s are there again after they were deleted; nothing was changed.', left_over, t.name);
        end if;
        if matching < wanted then
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
            if t.held <> 'none' then
                raise exception using
                    errcode = 'BF003',
                    message = format(
                        '%s rows of %s did not come back as they were (%s); nothing was changed. Look for a trigger or a rule that writes them.',
                        wanted - matching, t.name, array_to_string(found_rewritten, ', '));
            end if;
            raise warning '% rows of % came back otherwise in %: a trigger writes there, and this role may not hold it.',
                wanted - matching, t.name, array_to_string(found_rewritten, ', ');
        end if;
        update pg_temp.backfill_report r
        set verified = (matching = wanted), rewritten = coalesce(found_rewritten, '{}')
        where r.place = t.place;
        found_rewritten = null;
    end loop;
end
$backfill$
