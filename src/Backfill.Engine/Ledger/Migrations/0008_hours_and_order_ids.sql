-- When sessions of the run may be begun; null for any time.
alter table backfill.run add column hours text;

-- Which target profile a production run's sessions were measured by; null for the known system.
alter table backfill.run_health add column profile_sha256 text;

-- An order is carried out once, though it may be sent again because its answer was lost.
alter table backfill.run_event add column order_id uuid unique;
