    select m.session_id,
           {{name}}::text as table_name,
           r.key,
           r.record,
           sha256(convert_to(r.record, 'UTF8')) as sha256,
           r.version,
           r.recorded
    from mine m
    -- Set apart by its offset: it stays a look-up by the index for each session, where for several the planner would rather
    -- read a whole table that is not large; and a record's text is made once, not for each of its uses. It is of the run's
    -- columns: one that comes while the run is at work is none of its concern.
    cross join lateral (
        select row({{key}})::text as key,
               row({{columns}})::text as record,
               backfill_row.xmin::text as version,
               jsonb_build_object({{recorded}}) as recorded
        from {{table}} backfill_row
        where backfill_row.{{session_column}} = m.session_id
        offset 0
    ) r
