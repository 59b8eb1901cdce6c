-- Every worker of every run queues here. A statement of its own: the next one sees what was committed while this one waited.
select p.last_slot from backfill.pace p for update
