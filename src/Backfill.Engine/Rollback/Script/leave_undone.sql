-- What has been rolled back since this script was written, by it or otherwise, is left out: after that, only what it left as a
-- conflict is still to be undone. As choose_sessions.sql and images.sql do it.
do $backfill$
declare
    covered bigint;
begin
    if (select s.is_done_already from pg_temp.backfill_script s) then
        delete from pg_temp.backfill_session;
        delete from pg_temp.backfill_image;
        return;
    end if;
    if not (select s.has_ledger from pg_temp.backfill_script s) then
        return;
    end if;
    create temporary table backfill_covered on commit drop as
    select s.session_id, c.rollback_id
    from pg_temp.backfill_session s
    cross join lateral (
        select b.rollback_id
        from backfill.rollback b
        where b.run_id = '{{run}}'
          and b.at > (select q.written_at from pg_temp.backfill_script q)
          and (
              b.whole_run
              or exists (
                  select from backfill.rollback_session r
                  where r.run_id = b.run_id and r.session_id = s.session_id and r.rollback_id = b.rollback_id)
          )
        order by b.at desc
        limit 1
    ) c
    where s.settled;
    get diagnostics covered = row_count;
    if covered = 0 then
        return;
    end if;
    update pg_temp.backfill_session s set last_rollback = c.rollback_id from pg_temp.backfill_covered c where c.session_id = s.session_id;
    delete from pg_temp.backfill_image i
    using pg_temp.backfill_covered c
    where c.session_id = i.session_id
      and not exists (
          select from backfill.rollback_conflict f
          join pg_temp.backfill_shape t on t.name = f.table_name
          where f.rollback_id = c.rollback_id and t.place = i.place and f.key = i.key);
    insert into pg_temp.backfill_image (place, session_id, key)
    select t.place, f.session_id, f.key
    from pg_temp.backfill_covered c
    join backfill.rollback_conflict f on f.rollback_id = c.rollback_id and f.session_id = c.session_id
    join pg_temp.backfill_shape t on t.name = f.table_name
    where not exists (select from pg_temp.backfill_image i where i.place = t.place and i.key = f.key);
    raise notice '% of % sessions have been rolled back since this script was written.',
        covered, (select s.sessions from pg_temp.backfill_script s);
    update pg_temp.backfill_script q
    set is_done_already = true
    where covered = q.sessions and not exists (select from pg_temp.backfill_image);
    analyze pg_temp.backfill_image;
end
$backfill$
