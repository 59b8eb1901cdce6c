    select coalesce(c.session_id, g.session_id) as session_id,
           coalesce(c.table_name, g.table_name) as table_name,
           coalesce(c.key, g.key) as key,
           g.before_version,
           encode(g.after_sha256, 'hex') as known_sha256,
           encode(c.sha256, 'hex') as current_sha256,
           c.version as current_version,
           coalesce(c.recorded, g.recorded) as recorded
    from rows_now c
    full join (
        select i.*
        from mine m
        -- Each session's images by the index, whatever is known of the table: the offset keeps them apart.
        cross join lateral (
            select b.* from backfill.image b where b.run_id = m.run_id and b.session_id = m.session_id offset 0
        ) i
    ) g on g.session_id = c.session_id and g.table_name = c.table_name and g.key = c.key
