-- What somebody would write who knows that nothing stands in the way: no look beforehand, no list of conflicts, no comparison after.
begin;
-- As much memory as the rollback takes.
set local work_mem = '128MB';
set local timezone = 'UTC';
alter table public.profiles disable trigger user;
update public.profiles cur
set id = (x.r).id, type_code = (x.r).type_code, confidence = (x.r).confidence, payload = (x.r).payload,
    results_version = (x.r).results_version, version = (x.r).version, scoring_version = (x.r).scoring_version,
    share_token = (x.r).share_token, top_types = (x.r).top_types, fit_band = (x.r).fit_band,
    validity_status = (x.r).validity_status, overlay = (x.r).overlay, top_gap = (x.r).top_gap, conf_raw = (x.r).conf_raw,
    conf_calibrated = (x.r).conf_calibrated, score_fit_calibrated = (x.r).score_fit_calibrated,
    created_at = (x.r).created_at, updated_at = (x.r).updated_at, computed_at = (x.r).computed_at
from (
    select i.session_id, i.before_record::public.profiles as r, i.after_sha256
    from backfill.image i
    where i.run_id = '{{run}}' and i.table_name = 'public.profiles' and i.before_record is not null
    offset 0
) x
where cur.session_id = x.session_id
  and sha256(convert_to(cur::text, 'UTF8')) = x.after_sha256;
alter table public.profiles enable trigger user;
commit;
