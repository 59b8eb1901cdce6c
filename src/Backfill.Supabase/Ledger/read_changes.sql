-- Rows of settled sessions as the images have them, for passed-over ones those of the run that did them.
-- A row is written when its version is another than before.
select g.table_name as "TableName",
       g.recorded::text as "Recorded",
       count(*) filter (where g.before_version is null and g.after_version is not null)::integer as "NewRows",
       count(*) filter (where g.before_version <> g.after_version)::integer as "UpdatedRows",
       count(*) filter (where g.before_version is not null and g.after_version is null)::integer as "DeletedRows"
from backfill.item i
join backfill.image g on g.run_id = coalesce(i.applied_by_run, i.run_id) and g.session_id = i.session_id
where i.run_id = @runId and i.state = 'settled'
group by g.table_name, g.recorded
