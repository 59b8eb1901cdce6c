-- In the place of the ledger's own images.
create temporary table backfill_image (
    place integer not null,
    session_id uuid not null,
    key text not null,
    before_record text,
    after_sha256 bytea
) on commit drop
