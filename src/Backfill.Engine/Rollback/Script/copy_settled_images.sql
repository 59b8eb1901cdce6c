copy (
    -- Where every session has settled, as nearly always, a large run is spared a join.
    select i.place, i.session_id, i.key, i.before_record, i.after_sha256, true
    from pg_temp.backfill_image i
) to stdout (format binary)
