-- A ledger that came with a copy takes the place it lies in, as a ledger of its own.
update backfill.install
set install_id = gen_random_uuid(),
    environment = $1,
    system_identifier = $2,
    database_oid = $3,
    project_ref = $4,
    is_sandbox = $5
