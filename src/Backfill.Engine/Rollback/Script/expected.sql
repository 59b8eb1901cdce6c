create temporary table backfill_expected (
    place integer primary key,
    images bigint not null,
    to_delete bigint not null,
    to_restore bigint not null,
    to_reinsert bigint not null
) on commit drop
