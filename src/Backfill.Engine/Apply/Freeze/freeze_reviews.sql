insert into backfill.run_review (run_id, after_ordinal, name)
select $1, v.after_ordinal, v.name
from unnest($2::integer[], $3::text[]) as v (after_ordinal, name)
