select s.soak_id from backfill.soak s where s.run_id = $1 order by s.begun_at, s.soak_id
