create temporary table backfill_taken (
    table_name text not null,
    rows_deleted bigint not null
) on commit drop
