using System.Globalization;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Takes back what the newest migrations made, so that an upgrade can be tried on a ledger with runs in it.</summary>
internal static class EarlierLedger
{
    /// <summary>Makes the ledger one of version 6: before intent and cause.</summary>
    public const string Version6 = """
        drop function backfill.pace_now(backfill.run);
        alter table backfill.run drop column ramp_start, drop column ramp_step, drop column ramp_attempts, drop column ramp_taken;
        drop view backfill.due_review;
        drop view backfill.open_review;
        drop table backfill.run_review;
        alter table backfill.run
            drop column guard, drop column guard_at, drop column guard_read_at, drop column guard_state, drop column guard_held_at,
            drop column guard_signal, drop column guard_reason;
        alter table backfill.run drop column hours;
        alter table backfill.run_event drop column order_id;
        alter table backfill.run_health drop column profile_sha256;
        drop table backfill.plan_operation;
        drop function backfill.passed_over(text, text);
        drop function backfill.plan_content(text);
        drop function backfill.intent_now(backfill.run);
        drop function backfill.state_now(backfill.run);
        drop function backfill.never_called(backfill.item);
        alter table backfill.plan drop column content_sha256;
        alter table backfill.run_event rename column intent to wanted_state;
        update backfill.run_event set wanted_state = case wanted_state when 'Run' then 'Running' when 'Suspend' then 'Paused' else 'Aborted' end;
        alter table backfill.run_event drop column cause, drop column until;
        alter table backfill.run add column wanted_state text not null default 'Running';
        update backfill.run set wanted_state = case when state = 'Halted' then 'Paused' else 'Running' end;
        alter table backfill.run
            drop column intent, drop column intent_by, drop column intent_at, drop column intent_reason, drop column intent_until,
            drop column cause, drop column name, drop column ticket;
        create function backfill.passed_over(plan text, reprocess text) returns table (session_id uuid, run_id uuid, outcome text)
            language sql stable as $$ select null::uuid, null::uuid, null::text where false $$
        """;

    /// <summary>Runs such a script; its statements stand apart by lines that end with a semicolon.</summary>
    public static async Task TakeBackAsync(RunWorld world, string script)
    {
        foreach (var statement in script.Split(";\n", StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            await world.ExecuteAsync(statement);
    }
}
