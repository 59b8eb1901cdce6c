select b.at, b.whole_run, b.by_script, b.sessions, b.operator || ' as ' || b.database_role, b.reason,
       t.table_name, coalesce(t.deleted, b.deleted), coalesce(t.restored, b.restored), coalesce(t.reinserted, b.reinserted),
       coalesce(t.conflicts, b.conflicts), coalesce(t.verified, b.verified)
from backfill.rollback b
left join backfill.rollback_table t on t.rollback_id = b.rollback_id
where b.run_id = $1
order by b.at, b.rollback_id, t.table_name
