    -- Locked until the transaction ends: nobody takes the claim over between this look and what is written.
    select i.run_id, i.session_id
    from backfill.item i
    where i.run_id = $1 and i.session_id = $2 and i.fence = $3 and i.state = 'claimed'
    for update
