delete from backfill.run r where r.run_id = any ($1)
