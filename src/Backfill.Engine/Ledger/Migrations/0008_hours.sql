-- When sessions of the run may be begun; null for any time.
alter table backfill.run add column hours text;
