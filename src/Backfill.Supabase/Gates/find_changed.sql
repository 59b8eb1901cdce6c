-- Rows that are not as the run left them: so many, those among them that a rollback would leave, and the first few by name.
with mine as materialized (
    -- Given as they are: so the planner knows how many there are, and takes the index for few and one pass for many.
    select m.session_id, m.settled from unnest($2::uuid[], $3::boolean[]) as m (session_id, settled)
),
rows_now as (
{{rows}}
),
differing as (
    select coalesce(c.session_id, g.session_id) as session_id,
           coalesce(c.settled, g.settled) as settled,
           coalesce(c.table_name, g.table_name) as table_name,
           coalesce(c.key, g.key) as key,
           g.before_version is not null as was_there,
           c.sha256
    from rows_now c
    -- Full joins are one pass over either side, whatever the planner knows of the run.
    full join (
        select i.session_id, i.table_name, i.key, i.before_version, i.after_sha256, m.settled
        from (select * from backfill.image i where i.run_id = $1) i
        full join mine m on m.session_id = i.session_id
        where num_nulls(i.session_id, m.session_id) = 0
    ) g on g.session_id = c.session_id and g.table_name = c.table_name and g.key = c.key
    where c.sha256 is distinct from g.after_sha256 or not coalesce(c.settled, g.settled)
),
judged as (
    select d.*, case when d.sha256 is null then d.was_there else d.sha256 is distinct from b.sha256 end as is_in_conflict
    from differing d
    left join lateral (
        -- Looked up only where there are two rows to compare.
        select sha256(convert_to(i.before_record, 'UTF8')) as sha256
        from backfill.image i
        where d.was_there and d.sha256 is not null
          and i.run_id = $1 and i.session_id = d.session_id and i.table_name = d.table_name and i.key = d.key
        offset 0
    ) b on true
)
select count(*) filter (where j.settled) over (), count(*) filter (where j.is_in_conflict) over (), j.session_id, j.table_name, j.key
from judged j
where j.settled or j.is_in_conflict
order by j.settled desc, j.table_name collate "C", j.key collate "C"
limit $4
