-- A rollback accounts for rows that came after their session had settled, too.
alter table backfill.rollback_conflict
    drop constraint rollback_conflict_conflict_check,
    add constraint rollback_conflict_conflict_check check (
        conflict in ('Changed', 'Deleted', 'Added', 'Unsettled', 'Referenced', 'ParentGone'));
