-- A trigger would rewrite what is restored. Before any row is locked: a writer that has the table open and waits for one of
-- our rows would never let us have the table. Only those are held that fire for what is about to be done to the table's rows.
do $backfill$
declare
    q record;
    t record;
    way text;
    began timestamptz;
    -- A script can't be begun again by itself; a cmdlet begins the whole transaction again.
    attempts integer = 1;
    has_tables boolean = false;
    role_before text = current_setting('session_replication_role');
    limit_before text = current_setting('lock_timeout');
begin
    create temporary table backfill_trigger (
        place integer not null,
        name text not null,
        enabled "char" not null,
        -- 'disabled', 'replica' or 'none'.
        held text not null
    ) on commit drop;

    create temporary table backfill_to_hold on commit drop as
    select s.place, s.depth, s.quoted, g.tgname::text as tgname, g.tgenabled, pg_has_role(c.relowner, 'USAGE') as is_owner,
           -- Replica mode stops what fires in origin mode only, and sets off what fires in replica mode only.
           not exists (
               select from pg_trigger o where o.tgrelid = s.relation and not o.tgisinternal and o.tgenabled in ('A', 'R')) as obeys_replica
    from pg_temp.backfill_shape s
    join pg_class c on c.oid = s.relation
    join pg_trigger g on g.tgrelid = s.relation
    cross join lateral (
        -- As tgtype has them: 4 for INSERT, 8 for DELETE, 16 for UPDATE.
        select coalesce(bit_or(case
                   when k.before_sha256 is null then 8
                   when k.after_sha256 is null then 4
                   -- An update that meets unique values, or an identity, takes rows out and puts them in again.
                   when s.other_identity is not null or exists (
                       select from pg_index x where x.indrelid = s.relation and x.indisunique and not x.indisprimary) then 16 | 8 | 4
                   else 16
               end), 0) as actions
        from pg_temp.backfill_known k
        where k.place = s.place and k.before_sha256 is distinct from k.after_sha256
    ) w
    where not g.tgisinternal
      and g.tgenabled in ('O', 'A')
      and (g.tgtype & w.actions) <> 0
      -- 66 for BEFORE and INSTEAD OF: what comes after the rows can't change what they are put back to, and verify.sql looks.
      and not ((g.tgtype & 66) = 0 and pg_has_role(c.relowner, 'USAGE') and (select r.fires from pg_temp.backfill_request r));

    select * into q from pg_temp.backfill_request;
    if q.locks then
        attempts = case when q.by_script then 10 else 1 end;
        loop
            attempts = attempts - 1;
            begin
                began = clock_timestamp();
                -- All of them within one second, or none: a table that is held while another one is waited for holds its writers up.
                for t in select h.quoted from pg_temp.backfill_to_hold h where h.is_owner group by h.place, h.depth, h.quoted order by h.depth, h.place loop
                    perform set_config(
                        'lock_timeout', greatest(1, 1000 - extract(epoch from clock_timestamp() - began) * 1000)::integer::text, true);
                    execute format('lock table %s in share row exclusive mode', t.quoted);
                end loop;
                has_tables = true;
            exception
                when lock_not_available then
                    has_tables = false;
            end;
            exit when has_tables or attempts = 0;
            -- Nothing is held now, and whoever waited for us goes on.
            perform pg_sleep(1);
        end loop;
        perform set_config('lock_timeout', limit_before, true);
    end if;

    for t in select h.* from pg_temp.backfill_to_hold h order by h.depth, h.place, h.tgname loop
        way = 'none';
        if q.locks and has_tables and t.is_owner then
            execute format('alter table %s disable trigger %I', t.quoted, t.tgname);
            way = 'disabled';
        elsif t.is_owner and not q.locks then
            way = 'disabled';
        end if;
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
        if way = 'none' and t.is_owner then
            -- What a look has not announced is not done.
            raise exception using errcode = 'lock_not_available', message = format('The triggers of %s could not be held in time.', t.quoted);
        end if;
        insert into pg_temp.backfill_trigger (place, name, enabled, held) values (t.place, t.tgname, t.tgenabled, way);
    end loop;
end
$backfill$
