-- Rows of settled sessions as the images have them. A row is written when its version is another than before.
select g.table_name as "TableName",
       g.recorded::text as "Recorded",
       count(*) filter (where g.before_version is null and g.after_version is not null)::integer as "NewRows",
       count(*) filter (where g.before_version <> g.after_version)::integer as "UpdatedRows",
       count(*) filter (where g.before_version is not null and g.after_version is null)::integer as "DeletedRows"
from backfill.image g
join backfill.item i on i.run_id = g.run_id and i.session_id = g.session_id
where g.run_id = @runId and i.state = 'settled'
group by g.table_name, g.recorded
