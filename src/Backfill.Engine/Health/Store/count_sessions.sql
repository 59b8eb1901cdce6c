-- Over how many sessions the others are found, when and as whom, and how many no window can hold: completed, with a completed_at that is
-- null or infinite. In the snapshot of the other statements; by the index on (status, completed_at).
select
    (
        select count(*)
        from public.assessment_sessions s
        where s.status = 'completed'
          and s.completed_at >= $1
          and s.completed_at < coalesce($2, 'infinity')
    ) as sessions,
    pg_catalog.now() as measured_at,
    current_user::text as role,
    (
        select count(*)
        from public.assessment_sessions s
        where s.status = 'completed'
          and (s.completed_at is null or s.completed_at in ('infinity', '-infinity'))
    ) as undated,
    array(
        select s.id
        from public.assessment_sessions s
        where s.status = 'completed'
          and (s.completed_at is null or s.completed_at in ('infinity', '-infinity'))
        order by s.id
        limit 50
    ) as undated_ids
