-- Into the ledger, if this role may; and into the table that the last query shows.
do $backfill$
declare
    script record;
    run_state text;
    sessions_left bigint;
    told text;
begin
    select * into strict script from pg_temp.backfill_script;
    if script.is_done_already then
        told = 'rolled back already, nothing was left to undo';
    elsif not script.has_ledger then
        told = 'not recorded in the ledger';
    else
        begin
            if exists (select from backfill.rollback b join pg_temp.backfill_request q on q.rollback_id = b.rollback_id) then
                -- The same script once more, for what was left.
                update pg_temp.backfill_request set rollback_id = gen_random_uuid();
            end if;
            {{record}};
            {{close_run}}
            into run_state, sessions_left;
            told = case
                when run_state = 'RolledBack' then 'the run is rolled back'
                else format('%s sessions still hold changes of the run', sessions_left)
            end;
        exception
            when insufficient_privilege then
                told = 'not recorded in the ledger';
                raise warning 'Role % may not write the ledger: what was undone is not recorded there. The run stays as it was.', current_user;
        end;
    end if;
    insert into pg_temp.backfill_result
    select t.place, t.name, e.to_delete, r.deleted, e.to_restore, r.restored, e.to_reinsert, r.reinserted, c.conflicts, r.verified,
           case
               when script.is_done_already then told
               else concat_ws('; ',
                   case
                       when c.conflicts > 0 then format('%s rows left as they are', c.conflicts)
                       when not r.verified then 'a trigger has changed ' || array_to_string(r.rewritten, ', ')
                       when (r.deleted, r.restored, r.reinserted) = (e.to_delete, e.to_restore, e.to_reinsert) then 'as expected'
                       else 'some of it had been undone before'
                   end,
                   told)
           end
    from pg_temp.backfill_shape t
    join pg_temp.backfill_report r on r.place = t.place
    join pg_temp.backfill_expected e on e.place = t.place
    cross join lateral (
        select count(*) as conflicts from pg_temp.backfill_undo u where u.place = t.place and u.conflict is not null
    ) c;
end
$backfill$
