copy (
    -- In no order: sorting a large run's images would cost more than reading them.
    select i.place, i.session_id, i.key, i.before_record, i.after_sha256, s.settled
    from pg_temp.backfill_image i
    join pg_temp.backfill_session s on s.session_id = i.session_id
) to stdout (format binary)
