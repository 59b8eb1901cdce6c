-- The run must be at rest, and as it was when this was written. Without rights on the ledger that can't be seen; rows that were
-- written since are then conflicts, as all others.
do $backfill$
declare
    script record;
    run_state text;
    is_locked boolean = true;
    busy_cause text;
    busy_until timestamptz;
    gone_on bigint;
begin
    select * into strict script from pg_temp.backfill_script;
    begin
        begin
            {{lock_run}}
            into run_state;
            {{lock_items}}
            into gone_on;
        exception
            when insufficient_privilege then
                is_locked = false;
        end;
        if not is_locked then
            select r.state into run_state from backfill.run r where r.run_id = '{{run}}';
            raise notice 'Role % may not lock the run in the ledger: see to it that nobody works on it now.', current_user;
        end if;
        -- These are needed further on; a right that is missing is found here.
        perform from backfill.rollback b
        join backfill.rollback_session s on s.rollback_id = b.rollback_id
        join backfill.rollback_conflict c on c.rollback_id = b.rollback_id
        where b.run_id = '{{run}}'
        limit 1;
        if run_state is null then
            update pg_temp.backfill_script set has_ledger = false;
            raise notice 'The ledger no longer knows this run. What is undone will not be recorded.';
        elsif run_state = 'RolledBack' then
            update pg_temp.backfill_script set is_done_already = true;
            raise notice 'This run is rolled back already; nothing is left to undo.';
        else
            {{find_busy}}
            into busy_cause, busy_until;
            if busy_cause is not null then
                raise exception using
                    errcode = 'BF005',
                    message = format('The run can''t be rolled back now: %s%s. Nothing was changed.',
                        busy_cause, ' (until ' || to_char(busy_until at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"') || ')');
            end if;
            select count(*) into gone_on
            from backfill.item i
            left join pg_temp.backfill_session s on s.session_id = i.session_id
            where i.run_id = '{{run}}'
              and i.claims > 0
              and case
                  when s.session_id is not null then
                      -- As choose_sessions.sql has it.
                      (i.state = 'settled' and not (i.outcome = 'Unknown' and i.category = 'Cancelled')) is distinct from s.settled
                      or (s.settled and i.settled_at > script.written_at)
                  else not script.is_named
                      and (script.after_time is null or i.started_at >= script.after_time)
                      and (script.before_time is null or i.started_at < script.before_time)
              end;
            if gone_on > 0 then
                raise exception using
                    errcode = 'BF006',
                    message = format('%s sessions were worked on after this script had been written; nothing was changed.', gone_on),
                    hint = 'Write a new one: New-BackfillRollback -RunId {{run}}';
            end if;
        end if;
    exception
        when insufficient_privilege then
            update pg_temp.backfill_script set has_ledger = false;
            raise notice 'Role % may not read the ledger: see to it that nobody works on the run now. What is undone will not be recorded.', current_user;
    end;
    update pg_temp.backfill_script set is_at_rest = true;
end
$backfill$
