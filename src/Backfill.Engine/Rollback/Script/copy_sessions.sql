copy (select s.session_id, s.settled, s.last_rollback from pg_temp.backfill_session s) to stdout (format binary)
