-- Where triggers can't be held: the columns that they set of their own row, told from the catalog. Nothing is written to find out. A
-- trigger that sets its row as a whole, or whose function can't be read, is named in their place. What it did is found afterwards.
do $backfill$
begin
    update pg_temp.backfill_report r
    set rewritten = w.columns
    from (
        select g.place, array_agg(distinct f.what order by f.what) as columns
        from pg_temp.backfill_trigger g
        join pg_temp.backfill_shape s on s.place = g.place
        -- 2 for BEFORE, 1 for a row, 4 for INSERT, 16 for UPDATE.
        join pg_trigger t on t.tgrelid = s.relation and t.tgname = g.name and not t.tgisinternal and (t.tgtype & 3) = 3 and (t.tgtype & 20) <> 0
        join pg_proc p on p.oid = t.tgfoid
        join pg_language l on l.oid = p.prolang
        cross join lateral (
            select array(
                select c.name
                from pg_temp.backfill_column c
                where c.place = g.place
                  and case
                      -- At the beginning of a statement: elsewhere it is a comparison.
                      when l.lanname = 'plpgsql' then p.prosrc ~ (
                          '(?in)(^|;|\m(begin|then|else|loop)\M)\s*new\s*\.\s*"?' || regexp_replace(c.name, '(\W)', '\\\1', 'g') || '"?\s*:?=')
                      else c.name = any (string_to_array(encode(t.tgargs, 'escape'), '\000'))
                  end) as columns
        ) found
        cross join lateral unnest(
            case
                when found.columns <> '{}' then found.columns
                when l.lanname <> 'plpgsql' or p.prosrc ~ '(?i)\mnew\s*:?=|\minto\s+new\M' then array['what trigger ' || g.name || ' sets']
                else '{}'
            end) as f (what)
        where g.held = 'none'
          and exists (
              select from pg_temp.backfill_undo u where u.place = g.place and u.conflict is null and u.action in ('restore', 'reinsert'))
        group by g.place
    ) w
    where r.place = w.place;
end
$backfill$
