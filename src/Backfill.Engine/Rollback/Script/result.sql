-- What the last query shows; it stays until this session ends.
create temporary table backfill_result (
    place integer primary key,
    table_name text not null,
    to_delete bigint not null,
    deleted bigint not null,
    to_restore bigint not null,
    restored bigint not null,
    to_reinsert bigint not null,
    reinserted bigint not null,
    conflicts bigint not null,
    verified boolean not null,
    result text not null
) on commit preserve rows
