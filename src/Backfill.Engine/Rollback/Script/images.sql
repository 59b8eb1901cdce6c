-- In the place of the ledger's own images. A row that can't be asked for again has no record here, only its hash.
create temporary table backfill_image (
    place integer not null,
    session_id uuid not null,
    key text not null,
    before_record text,
    before_sha256 bytea,
    after_sha256 bytea
) on commit drop
