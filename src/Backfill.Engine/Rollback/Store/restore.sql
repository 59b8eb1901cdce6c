-- What refers to others goes out before them and comes back after them. Rows locked by classify.sql: what was found there holds.
do $backfill$
declare
    t record;
    n bigint;
    is_replaced boolean;
    role_before text = current_setting('session_replication_role');
begin
    create temporary table backfill_statement on commit drop as
    select s.place, s.depth, s.assignments,
           exists (select from pg_temp.backfill_trigger g where g.place = s.place and g.held = 'replica') as in_replica,
           -- A statement without rows would set off triggers that fire once a statement, and that nobody holds.
           a.deletes, a.restores, a.reinserts,
           -- Rows that nothing refers to may go and come back, where an update can't give them their old values: unique ones that
           -- have changed places, an identity that is always generated.
           not exists (select from pg_constraint k where k.contype = 'f' and k.confrelid = s.relation) as is_replaceable,
           case when s.other_identity is not null then
               format('select exists (select from %s join %s cur on %s where %s)', c.restored, s.quoted, s.by_key, s.other_identity)
           end as has_other_identity,
           format('delete from %s cur using %s where %s', s.quoted, c.deleted, s.by_key) as delete,
           format('delete from %s cur using %s where %s', s.quoted, c.deleted_late, s.by_key) as delete_late,
           format('delete from %s cur using %s where %s', s.quoted, c.restored, s.by_key) as take_out,
           format('insert into %s (%s) overriding system value select %s from %s', s.quoted, s.columns, s.values, c.reinserted) as reinsert,
           format('insert into %s (%s) overriding system value select %s from %s', s.quoted, s.columns, s.values, c.restored) as put_in,
           format('update %s cur set %s from %s where %s', s.quoted, s.assignments, c.restored, s.by_key) as restore,
           -- A trigger may have rewritten what came back.
           format('update %s cur set %s from %s where %s', s.quoted, s.assignments, c.reinserted, s.by_key) as correct
    from pg_temp.backfill_shape s
    cross join lateral (
        select max(r.rows) filter (where r.name = 'deleted') as deleted,
               max(r.rows) filter (where r.name = 'deleted_late') as deleted_late,
               max(r.rows) filter (where r.name = 'restored') as restored,
               max(r.rows) filter (where r.name = 'reinserted') as reinserted
        from (
            select v.name,
                   format(
                       case
                           when v.action = 'delete' then
                               '(select u.key::%1$s as k from pg_temp.backfill_undo u
                                 where u.place = %3$s and u.conflict is null and u.action = %4$L and %5$s offset 0) x'
                           else
                               '(select u.key::%1$s as k, i.before_record::%2$s as r from pg_temp.backfill_undo u
                                 join pg_temp.backfill_image i on i.place = u.place and i.key = u.key
                                 where u.place = %3$s and u.conflict is null and u.action = %4$L and %5$s offset 0) x'
                       end,
                       s.key_type, s.row_type, s.place, v.action, v.condition) as rows
            from (
                values ('deleted', 'delete', 'not u.late'),
                       ('deleted_late', 'delete', 'u.late'),
                       ('restored', 'restore', 'true'),
                       ('reinserted', 'reinsert', 'true')
            ) as v (name, action, condition)
        ) r
    ) c
    cross join lateral (
        select coalesce(bool_or(u.action = 'delete'), false) as deletes,
               coalesce(bool_or(u.action = 'restore'), false) as restores,
               coalesce(bool_or(u.action = 'reinsert'), false) as reinserts
        from pg_temp.backfill_undo u
        where u.place = s.place and u.conflict is null
    ) a
    where a.deletes or a.restores or a.reinserts;
    analyze pg_temp.backfill_undo;

    for t in select s.* from pg_temp.backfill_statement s where s.deletes order by s.depth desc, s.place desc loop
        execute t.delete;
        get diagnostics n = row_count;
        update pg_temp.backfill_report r set deleted = n where r.place = t.place;
    end loop;

    for t in select s.* from pg_temp.backfill_statement s where s.reinserts order by s.depth, s.place loop
        begin
            execute t.reinsert;
            get diagnostics n = row_count;
        exception
            when unique_violation then
                if not t.is_replaceable then
                    raise;
                end if;
                execute t.take_out;
                execute t.reinsert;
                get diagnostics n = row_count;
                execute t.put_in;
        end;
        update pg_temp.backfill_report r set reinserted = n where r.place = t.place;
    end loop;

    for t in select s.* from pg_temp.backfill_statement s where s.restores or s.reinserts order by s.depth, s.place loop
        n = 0;
        is_replaced = false;
        if t.restores and t.is_replaceable and t.has_other_identity is not null then
            execute t.has_other_identity into is_replaced;
        end if;
        if t.in_replica then
            perform set_config('session_replication_role', 'replica', true);
        end if;
        if t.restores and t.assignments is not null and not is_replaced then
            begin
                execute t.restore;
                get diagnostics n = row_count;
            exception
                when unique_violation then
                    if not t.is_replaceable then
                        raise;
                    end if;
                    is_replaced = true;
            end;
        end if;
        if is_replaced then
            execute t.take_out;
            execute t.put_in;
            get diagnostics n = row_count;
        end if;
        if t.in_replica then
            if t.reinserts and t.assignments is not null then
                execute t.correct;
            end if;
            perform set_config('session_replication_role', role_before, true);
        end if;
        update pg_temp.backfill_report r set restored = n where r.place = t.place;
    end loop;

    for t in select s.* from pg_temp.backfill_statement s where s.deletes order by s.depth desc, s.place desc loop
        execute t.delete_late;
        get diagnostics n = row_count;
        update pg_temp.backfill_report r set deleted = r.deleted + n where r.place = t.place;
    end loop;
end
$backfill$
