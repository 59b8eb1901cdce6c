-- A trigger would rewrite what is restored. Before any row is locked: a writer that has the table open and waits for one of
-- our rows would never let us have the table.
do $backfill$
declare
    q record;
    t record;
    way text;
    is_blocked boolean;
    role_before text = current_setting('session_replication_role');
begin
    create temporary table backfill_trigger (
        place integer not null,
        name text not null,
        enabled "char" not null,
        -- 'disabled', 'replica' or 'none'.
        held text not null
    ) on commit drop;

    select * into q from pg_temp.backfill_request;
    for t in
        select s.place, s.quoted, g.tgname, g.tgenabled, pg_has_role(c.relowner, 'USAGE') as is_owner,
               -- Replica mode stops what fires in origin mode only, and sets off what fires in replica mode only.
               not exists (
                   select from pg_trigger o where o.tgrelid = s.relation and not o.tgisinternal and o.tgenabled in ('A', 'R')) as obeys_replica
        from pg_temp.backfill_shape s
        join pg_class c on c.oid = s.relation
        join pg_trigger g on g.tgrelid = s.relation
        where not g.tgisinternal
          and g.tgenabled in ('O', 'A')
          -- On insert, delete or update.
          and (g.tgtype & 28) <> 0
          and exists (
              select from pg_temp.backfill_known k where k.place = s.place and k.before_sha256 is distinct from k.after_sha256)
        order by s.depth, s.place, g.tgname
    loop
        way = 'none';
        is_blocked = false;
        begin
            if q.locks then
                execute format('alter table %s disable trigger %I', t.quoted, t.tgname);
                way = 'disabled';
            elsif t.is_owner then
                way = 'disabled';
            end if;
        exception
            when insufficient_privilege then
                null;
            when lock_not_available then
                is_blocked = true;
        end;
        if way = 'none' and t.obeys_replica then
            begin
                perform set_config('session_replication_role', 'replica', true);
                perform set_config('session_replication_role', role_before, true);
                way = 'replica';
            exception
                when insufficient_privilege then
                    null;
            end;
        end if;
        if way = 'none' and is_blocked then
            -- What a look has not announced is not done.
            raise exception using errcode = 'lock_not_available', message = format('The triggers of %s could not be held in time.', t.quoted);
        end if;
        insert into pg_temp.backfill_trigger (place, name, enabled, held) values (t.place, t.tgname, t.tgenabled, way);
    end loop;
end
$backfill$
