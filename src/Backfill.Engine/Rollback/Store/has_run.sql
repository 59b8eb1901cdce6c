select exists (select from backfill.run r where r.run_id = $1)
