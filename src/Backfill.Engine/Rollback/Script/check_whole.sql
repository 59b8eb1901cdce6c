-- Some clients go on after an error. Nothing is done unless every guard has passed and every row has arrived.
do $backfill$
declare
    found_sessions bigint;
    found_images bigint;
    wanted_images bigint;
begin
    select count(*) into found_sessions from pg_temp.backfill_session;
    select count(*) into found_images from pg_temp.backfill_image;
    select coalesce(sum(e.images), 0) into wanted_images from pg_temp.backfill_expected e;
    if not exists (
        select from pg_temp.backfill_script s
        where s.is_right_database and s.is_at_rest and s.sessions = found_sessions)
        or found_images <> wanted_images
    then
        raise exception using
            errcode = 'BF007',
            message = 'A guard has refused this script, or a part of it is missing; nothing was changed. Run all of it, and stop at the first error.';
    end if;
    analyze pg_temp.backfill_session;
    analyze pg_temp.backfill_image;
end
$backfill$
