{{settled_sessions}}where i.run_id = @runId and i.session_id = @sessionId and i.fence = @fence and i.state = 'settled'
