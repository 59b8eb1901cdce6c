-- How every row of the chosen sessions is compared with its image: looked at before anything is undone, and again afterwards.
do $backfill$
declare
    has_unsettled boolean = exists (select from pg_temp.backfill_session s where not s.settled);
    -- Rows that are not their before-images; a hash is null where the row is not there. A full join is one pass over either side,
    -- whatever the planner knows of the run, and each side is a few short columns.
    compared text = $sql$
        select coalesce(i.session_id, c.session_id) as session_id,
               coalesce(i.key, c.key) as key,
               coalesce(i.settled, c.settled) as settled,
               i.before_sha256,
               i.after_sha256,
               c.sha256
        from (%1$s) c
        full join (
            select k.session_id, k.settled, k.key, k.before_sha256, k.after_sha256
            from pg_temp.backfill_known k
            where k.place = %2$s
            offset 0
        ) i on i.key = c.key
        where c.sha256 is distinct from i.before_sha256
          -- After an earlier rollback only what it left is ours, and has an image.
          and (i.key is not null or c.is_standing)
        $sql$;
    rows_now text = $sql$
        select s.session_id, s.settled, s.last_rollback is null as is_standing, %1$s as key, sha256(convert_to(%2$s, 'UTF8')) as sha256
        from %3$s cur
        join pg_temp.backfill_session s on s.session_id = cur.%4$s
        offset 0
        $sql$;
    -- Where the key does not hold the session, a row may have gone to a session that was not chosen. Then it is not what it was: no
    -- hash is as short as this.
    moved_rows text = $sql$
        select null::uuid, null::boolean, false, x.key, ''::bytea
        from (
            select k.key, k.key::%1$s as k
            from pg_temp.backfill_known k
            where k.place = %2$s
            offset 0
        ) x
        join %3$s cur on %4$s
        where not exists (select from pg_temp.backfill_session s where s.session_id = cur.%5$s)
        offset 0
        $sql$;
begin
    -- Hashed once; and in a table that can be analyzed, so that the ledger's statistics need not know the run.
    execute 'create temporary table backfill_known on commit drop as
        select i.place, i.session_id, i.key, i.before_sha256, i.after_sha256, ' || case
            when has_unsettled then
                's.settled from pg_temp.backfill_image i join pg_temp.backfill_session s on s.session_id = i.session_id'
            else 'true as settled from pg_temp.backfill_image i'
        end;
    analyze pg_temp.backfill_known;

    create temporary table backfill_comparison on commit drop as
    select t.place,
           max(t.compared) filter (where t.lock = '') as looked_at,
           -- The rows are locked as they are read, so that what is found holds until the end; rows that refer to them can't come
           -- any more either.
           max(t.compared) filter (where t.lock <> '') as locked
    from (
        select s.place, l.lock,
               format(
                   compared,
                   case
                       when s.is_keyed_by_session then r.rows_now || l.lock
                       else format('select * from (%s%s) a union all select * from (%s%s) b', r.rows_now, l.lock, r.moved_rows, l.lock)
                   end,
                   s.place) as compared
        from pg_temp.backfill_shape s
        cross join (values (''), ('for update of cur')) as l (lock)
        cross join lateral (
            select format(rows_now, s.key, s.record, s.quoted, s.session_column) as rows_now,
                   format(moved_rows, s.key_type, s.place, s.quoted, s.by_key, s.session_column) as moved_rows
        ) r
    ) t
    group by t.place;
end
$backfill$
