    select m.session_id, m.settled, {{name}}::text as table_name, row({{key}})::text as key,
           sha256(convert_to(row({{columns}})::text, 'UTF8')) as sha256
    from mine m
    join {{table}} cur on cur.{{session_column}} = m.session_id
