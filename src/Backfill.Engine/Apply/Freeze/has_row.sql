exists (select from {{table}} backfill_row where backfill_row.{{session_column}} = s.id{{matches}})
