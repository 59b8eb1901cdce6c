-- The profiles as the run had left them, and no rollback of it.
set session_replication_role = replica;
update public.profiles p
set type_code = a.type_code, results_version = a.results_version, payload = a.payload, updated_at = a.updated_at
from bench.applied a
where a.session_id = p.session_id;
reset session_replication_role;
delete from backfill.rollback;
update backfill.run set state = 'Completed' where run_id = '{{run}}';
