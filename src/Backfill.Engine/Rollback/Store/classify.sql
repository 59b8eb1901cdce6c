-- What each row of the chosen sessions needs that is not what it was before the run, and whether it is as the run left it. A row
-- that nobody can tell to be the run's is a conflict.
do $backfill$
declare
    t record;
begin
    for t in
        select s.place, case when q.locks then c.locked else c.looked_at end as compared
        from pg_temp.backfill_shape s
        join pg_temp.backfill_comparison c on c.place = s.place
        cross join pg_temp.backfill_request q
        order by s.depth, s.place
    loop
        execute format(
            $sql$
            insert into pg_temp.backfill_undo (place, session_id, key, action, conflict)
            select %s, f.session_id, f.key,
                   case when f.before_sha256 is null then 'delete' when f.sha256 is null then 'reinsert' else 'restore' end,
                   case
                       -- What the calls of such a session have changed, and what others have, can't be told apart.
                       when not f.settled then 'Unsettled'
                       when f.sha256 is not distinct from f.after_sha256 then null
                       when f.sha256 is null then 'Deleted'
                       when coalesce(f.before_sha256, f.after_sha256) is null then 'Added'
                       else 'Changed'
                   end
            from (%s) f
            $sql$,
            t.place, t.compared);
    end loop;
end
$backfill$
