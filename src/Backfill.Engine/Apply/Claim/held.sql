    -- Locked until the transaction ends: nobody takes a claim over between this look and what is written. Several are locked
    -- in the order given. As a subquery with a lock, each look-up stays one of its own, by the index.
    select i.run_id, i.session_id, i.fence
    from unnest($2::uuid[], $3::bigint[]) as h (session_id, fence)
    cross join lateral (
        select c.run_id, c.session_id, c.fence
        from backfill.item c
        where c.run_id = $1 and c.session_id = h.session_id and c.fence = h.fence and c.state = 'claimed'
        for update {{wait}}
    ) i
