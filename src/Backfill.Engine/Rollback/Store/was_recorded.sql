-- A rollback whose commit was not answered: is it there?
select exists (select from backfill.rollback b where b.rollback_id = $1)
