-- The run's tables by their place, all that the images need of them: a script can be written of tables that are gone.
create temporary table backfill_shape on commit drop as
select t.place::integer as place, t.value ->> 'name' as name
from pg_temp.backfill_request r
cross join json_array_elements(r.target -> 'tables') with ordinality as t (value, place)
