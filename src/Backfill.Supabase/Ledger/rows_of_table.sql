    select m.session_id,
           {{name}}::text as table_name,
           row({{key}})::text as key,
           r.record,
           sha256(convert_to(r.record, 'UTF8')) as sha256,
           backfill_row.xmin::text as version,
           jsonb_build_object({{recorded}}) as recorded
    from mine m
    join {{table}} backfill_row on backfill_row.{{session_column}} = m.session_id
    cross join lateral (select backfill_row::text as record) r
