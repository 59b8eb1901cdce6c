-- What refers to others goes out before them and comes back after them. Rows locked by classify.sql: what was found there holds.
do $backfill$
declare
    t record;
    n bigint;
    role_before text = current_setting('session_replication_role');
begin
    analyze pg_temp.backfill_undo;
    for t in select s.* from pg_temp.backfill_shape s order by s.depth desc, s.place desc loop
        execute format(
            $sql$
            delete from %1$s cur
            using (
                select u.key::%2$s as k
                from pg_temp.backfill_undo u
                where u.place = %3$s and u.action = 'delete' and u.conflict is null and not u.late
                offset 0
            ) x
            where %4$s
            $sql$,
            t.quoted, t.key_type, t.place, t.by_key);
        get diagnostics n = row_count;
        update pg_temp.backfill_report r set deleted = n where r.place = t.place;
    end loop;

    for t in select s.* from pg_temp.backfill_shape s order by s.depth, s.place loop
        execute format(
            $sql$
            insert into %1$s (%2$s) overriding system value
            select %3$s
            from (
                select i.before_record::%4$s as r
                from pg_temp.backfill_undo u
                join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                where u.place = %5$s and u.action = 'reinsert' and u.conflict is null
                offset 0
            ) x
            $sql$,
            t.quoted, t.columns, t.values, t.row_type, t.place);
        get diagnostics n = row_count;
        update pg_temp.backfill_report r set reinserted = n where r.place = t.place;
    end loop;

    for t in
        select s.*, exists (select from pg_temp.backfill_trigger g where g.place = s.place and g.held = 'replica') as in_replica
        from pg_temp.backfill_shape s
        order by s.depth, s.place
    loop
        continue when t.assignments is null;
        if t.in_replica then
            perform set_config('session_replication_role', 'replica', true);
        end if;
        execute format(
            $sql$
            update %1$s cur
            set %2$s
            from (
                select u.key::%3$s as k, i.before_record::%4$s as r
                from pg_temp.backfill_undo u
                join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                -- A trigger may have rewritten what came back.
                where u.place = %5$s and u.conflict is null and (u.action = 'restore' or (%6$L and u.action = 'reinsert'))
                offset 0
            ) x
            where %7$s
            $sql$,
            t.quoted, t.assignments, t.key_type, t.row_type, t.place, t.in_replica, t.by_key);
        get diagnostics n = row_count;
        if t.in_replica then
            perform set_config('session_replication_role', role_before, true);
        end if;
        update pg_temp.backfill_report r
        set restored = n - case when t.in_replica then r.reinserted else 0 end
        where r.place = t.place;
    end loop;

    for t in
        select s.* from pg_temp.backfill_shape s
        where exists (select from pg_temp.backfill_undo u where u.place = s.place and u.late and u.conflict is null)
        order by s.depth desc, s.place desc
    loop
        execute format(
            $sql$
            delete from %1$s cur
            using (
                select u.key::%2$s as k
                from pg_temp.backfill_undo u
                where u.place = %3$s and u.action = 'delete' and u.conflict is null and u.late
                offset 0
            ) x
            where %4$s
            $sql$,
            t.quoted, t.key_type, t.place, t.by_key);
        get diagnostics n = row_count;
        update pg_temp.backfill_report r set deleted = r.deleted + n where r.place = t.place;
    end loop;
end
$backfill$
