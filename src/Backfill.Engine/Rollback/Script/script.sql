-- What this script was written for, and what its guards have found.
create temporary table backfill_script (
    install_id uuid not null,
    system_identifier text not null,
    database_oid bigint not null,
    target text not null,
    written_at timestamptz not null,
    -- The sessions were named one by one; otherwise they are those first claimed in a window, which may be open.
    is_named boolean not null,
    after_time timestamptz,
    before_time timestamptz,
    sessions bigint not null,
    is_right_database boolean not null default false,
    is_at_rest boolean not null default false,
    -- Whether this role may work with the ledger, and the run is in it.
    has_ledger boolean not null default true,
    is_done_already boolean not null default false
) on commit drop
