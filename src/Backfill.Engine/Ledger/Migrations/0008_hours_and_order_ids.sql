-- When sessions of the run may be begun; null for any time.
alter table backfill.run add column hours text;

-- An order is carried out once, though it may be sent again because its answer was lost.
alter table backfill.run_event add column order_id uuid unique;
