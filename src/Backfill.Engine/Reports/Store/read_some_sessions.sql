{{settled_sessions}}where i.run_id = $1
  and i.state = 'settled'
  -- An array, not a join: a run that is not in the statistics yet is taken for one without rows, and each of its sessions would be
  -- compared with all that were chosen.
  and i.ordinal = any (array(
      select c.ordinal
      from (
          (
              -- One of each kind, then a second of each, and so on.
              select k.ordinal, 0 as rest, k.turn
              from (
                  select f.ordinal, row_number() over (partition by f.outcome, f.category order by f.ordinal) as turn
                  from backfill.item f
                  where f.run_id = $1 and f.state = 'settled' and f.outcome not in ('Succeeded', 'Skipped')
              ) k
              order by k.turn, k.ordinal
              limit $2
          )
          union all
          (
              select s.ordinal, 1, s.ordinal
              from backfill.item s
              where s.run_id = $1 and s.state = 'settled' and s.outcome in ('Succeeded', 'Skipped')
              order by s.ordinal
              limit $2
          )
      ) c
      order by c.rest, c.turn, c.ordinal
      limit $2
  ))
order by i.ordinal
