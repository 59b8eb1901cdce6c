copy (
    select i.table_name, i.session_id, i.key, i.before_record, i.after_sha256
    from backfill.image i
    where i.run_id = '{{run}}'
) to stdout (format binary)
