with gone as (
    delete from {{table}} t
    using pg_temp.backfill_session s
    where t.{{session_column}} = s.session_id::{{session_type}}
      and ({{proof}})
      and {{window}}
      -- For clients that go on after an error.
      and (select q.is_right_database from pg_temp.backfill_script q)
    returning 1
)
insert into pg_temp.backfill_taken (table_name, rows_deleted)
select {{name}}, count(*) from gone
