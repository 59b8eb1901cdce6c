-- Where triggers can't be held, a few rows are restored and taken back at once, to see which columns come out otherwise.
do $backfill$
declare
    t record;
    column_checks text;
    otherwise text[];
begin
    for t in
        select s.*
        from pg_temp.backfill_shape s
        where s.assignments is not null
          and exists (select from pg_temp.backfill_trigger g where g.place = s.place and g.held = 'none')
          and exists (select from pg_temp.backfill_undo u where u.place = s.place and u.action = 'restore' and u.conflict is null)
    loop
        select string_agg(format('(%1$L, cur.%2$I::text is distinct from (x.r).%2$I::text)', c.name, c.name), ', ')
        into column_checks
        from pg_temp.backfill_column c
        where c.place = t.place;
        begin
            create temporary table backfill_trial on commit drop as
            select u.key, i.before_record
            from pg_temp.backfill_undo u
            join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
            where u.place = t.place and u.action = 'restore' and u.conflict is null
            order by u.key
            limit 20;
            execute format(
                'update %s cur set %s from (select i.key::%s as k, i.before_record::%s as r from pg_temp.backfill_trial i offset 0) x where %s',
                t.quoted, t.assignments, t.key_type, t.row_type, t.by_key);
            execute format(
                $sql$
                select coalesce(array_agg(distinct c.name) filter (where c.differs), '{}')
                from (select i.key::%s as k, i.before_record::%s as r from pg_temp.backfill_trial i offset 0) x
                join %s cur on %s
                cross join lateral (values %s) as c (name, differs)
                $sql$,
                t.key_type, t.row_type, t.quoted, t.by_key, column_checks)
            into otherwise;
            raise exception using errcode = 'BF999', message = 'taken back';
        exception
            when sqlstate 'BF999' then
                update pg_temp.backfill_report r set rewritten = otherwise where r.place = t.place;
        end;
    end loop;
end
$backfill$
