// One line in: {"concurrency", "sessions"}. One line out: the milliseconds that both calls took for all of them.
import { createInterface } from 'node:readline';
import { FunctionsClient } from '@supabase/functions-js';

const key = process.env.SUPABASE_SERVICE_ROLE_KEY;
const functions = new FunctionsClient(`${process.env.SUPABASE_URL}/functions/v1`, {
    headers: { Authorization: `Bearer ${key}`, apikey: key },
});

async function call(name, body) {
    const { error } = await functions.invoke(name, { body });
    if (error) throw error;
}

async function work(sessions) {
    for (let session = sessions.pop(); session; session = sessions.pop()) {
        await call('score_fc_session', { session_id: session, version: 'v1.2', basis: 'functions' });
        await call('score_prism', { session_id: session, engine_version: 'v1.2.1' });
    }
}

for await (const line of createInterface({ input: process.stdin })) {
    const { concurrency, sessions } = JSON.parse(line);
    const start = performance.now();
    await Promise.all(Array.from({ length: concurrency }, () => work(sessions)));
    console.log(performance.now() - start);
}
