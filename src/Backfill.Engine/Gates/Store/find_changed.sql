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
),
left_by_rollback as (
    -- Sessions that were rolled back are not among those given; but the rows that their newest rollback left still stand.
    select f.session_id, true as settled, f.table_name, f.key, true as is_in_conflict
    from backfill.rollback b
    join backfill.rollback_conflict f on f.rollback_id = b.rollback_id
    join backfill.item i on i.run_id = b.run_id and i.session_id = f.session_id
    where b.run_id = $1
      and i.state = 'settled'
      and (i.outcome, i.category) is distinct from ('Unknown', 'Cancelled')
      and b.at >= i.settled_at
      and not exists (
          select from backfill.rollback n
          where n.run_id = b.run_id
            and n.at > b.at
            and (
                n.whole_run
                or exists (
                    select from backfill.rollback_session s
                    where s.run_id = n.run_id and s.session_id = f.session_id and s.rollback_id = n.rollback_id)))
),
found as (
    select j.session_id, j.settled, j.table_name, j.key, j.is_in_conflict from judged j where j.settled or j.is_in_conflict
    union all
    select l.session_id, l.settled, l.table_name, l.key, l.is_in_conflict from left_by_rollback l
)
select count(*) filter (where j.settled) over (), count(*) filter (where j.is_in_conflict) over (), j.session_id, j.table_name, j.key
from found j
order by j.settled desc, j.table_name collate "C", j.key collate "C"
limit $4
