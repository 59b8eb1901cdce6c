-- What was undone, by whom and why; and what the run is now.
with totals as (
    select sum(r.deleted) as deleted, sum(r.restored) as restored, sum(r.reinserted) as reinserted, bool_and(r.verified) as verified
    from pg_temp.backfill_report r
),
noted as (
    insert into backfill.rollback (
        rollback_id, run_id, whole_run, on_conflict, sessions, deleted, restored, reinserted, conflicts, verified, by_script, operator, reason)
    select q.rollback_id, q.run_id, q.whole_run, q.on_conflict,
           (select count(*) from pg_temp.backfill_session s),
           t.deleted, t.restored, t.reinserted,
           (select count(*) from pg_temp.backfill_undo u where u.conflict is not null),
           t.verified, q.by_script, q.operator, q.reason
    from pg_temp.backfill_request q
    cross join totals t
),
tables as (
    insert into backfill.rollback_table (rollback_id, table_name, deleted, restored, reinserted, conflicts, verified, rewritten)
    select q.rollback_id, t.name, r.deleted, r.restored, r.reinserted,
           (select count(*) from pg_temp.backfill_undo u where u.place = r.place and u.conflict is not null),
           r.verified, r.rewritten
    from pg_temp.backfill_report r
    join pg_temp.backfill_shape t on t.place = r.place
    cross join pg_temp.backfill_request q
),
sessions as (
    insert into backfill.rollback_session (rollback_id, run_id, session_id)
    select q.rollback_id, q.run_id, s.session_id
    from pg_temp.backfill_session s
    cross join pg_temp.backfill_request q
    where not q.whole_run
)
insert into backfill.rollback_conflict (rollback_id, session_id, table_name, key, conflict, detail)
select q.rollback_id, u.session_id, t.name, u.key, u.conflict, u.detail
from pg_temp.backfill_undo u
join pg_temp.backfill_shape t on t.place = u.place
cross join pg_temp.backfill_request q
where u.conflict is not null
