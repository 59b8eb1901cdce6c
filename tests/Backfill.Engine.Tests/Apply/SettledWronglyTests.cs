using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Sessions that earlier versions settled as Succeeded though an operation of theirs was never called.</summary>
[Collection(HoldCollection.Name)]
public sealed class SettledWronglyTests(RunWorld world)
{
    [Fact]
    public async Task An_upgrade_finds_them_and_Reprocess_Failed_does_them_again()
    {
        await world.FreshAsync();
        var (wrong, lost, good, spared) = (world.New[0], world.New[1], world.New[2], world.New[3]);
        var plan = ApplyWorld.PlanOf(wrong, lost, good, spared);
        var run = await world.FrozenAsync(plan, RunWorld.Quick);
        await run.ApplyAsync();
        // As version 0.1.0 left them.
        await OperationAsync(wrong, "Skipped", "not called: an operation before it did not succeed");
        await OperationAsync(lost, null, null);
        await OperationAsync(spared, "Skipped", Verifier.AlreadyCurrent);
        await EarlierLedger.TakeBackAsync(world, EarlierLedger.Version6);
        await world.ExecuteAsync(
            "alter table backfill.run drop column hold_cause, drop column hold_since, drop column hold_until, drop column failed_in_a_row");
        await world.ExecuteAsync(
            "update backfill.install set schema_version = $1", LedgerInstaller.VersionOf("0006_truth") - 1);

        await world.Connection.Target.InstallLedgerAsync(BackfillEnvironment.Staging, adopt: false, sandbox: true, CancellationToken.None);
        var results = (await run.ResultsAsync()).ToDictionary(r => r.SessionId);
        Assert.Equal(
            [BackfillOutcome.Unknown, BackfillOutcome.Unknown, BackfillOutcome.Succeeded, BackfillOutcome.Succeeded],
            new[] { wrong, lost, good, spared }.Select(s => results[s].Outcome));
        Assert.Contains("score_prism: never called", results[wrong].Reason, StringComparison.Ordinal);

        var again = await world.FrozenAsync(plan, RunWorld.Quick, BackfillReprocess.Failed);
        await again.ApplyAsync();
        Assert.Equal(new[] { wrong, lost }.Order(), (await again.CallsAsync()).Select(c => c.SessionId).Distinct().Order());
    }

    private Task OperationAsync(Guid session, string? outcome, string? message) => world.ExecuteAsync(
        "update backfill.operation set sent_at = null, status_code = null, outcome = $2, message = $3 where session_id = $1 and position = 2",
        session,
        (object?)outcome ?? DBNull.Value,
        (object?)message ?? DBNull.Value);
}
