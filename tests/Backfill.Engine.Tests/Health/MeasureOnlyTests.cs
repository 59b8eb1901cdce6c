using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Rollback;
using Backfill.Engine.Tests.Connections;

namespace Backfill.Engine.Tests.Health;

/// <summary>A role that has SELECT only, and no key.</summary>
[Collection(HealthTests.Name)]
public sealed class MeasureOnlyTests(HealthWorld world)
{
    [Fact]
    public async Task A_role_that_may_read_only_measures_what_the_owner_measures()
    {
        await world.FreshAsync();
        var connection = await world.MeasureAsync(HealthWorld.Reader);
        await using var target = connection.Target;
        var (owners, _) = await world.CheckAsync();

        var (report, _) = await world.CheckAsync(connection);

        Assert.Equal((owners.PlanHash, owners.SessionsAnalyzed, owners.NotBackfillable), (report.PlanHash, report.SessionsAnalyzed, report.NotBackfillable));
        var text = await File.ReadAllTextAsync(report.ReportPath!, TestContext.Current.CancellationToken);
        Assert.Contains("by the operator's word", text, StringComparison.Ordinal);
        Assert.Contains(HealthWorld.Reader, text, StringComparison.Ordinal);
        Assert.DoesNotContain("read-only-1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Through_a_transaction_pooler_it_is_the_same()
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        await world.FreshAsync();
        await using var pooler = await PgBouncer.StartAsync(world.UrlOf(HealthWorld.Reader), "transaction");
        var connection = await world.MeasureAsync(HealthWorld.Reader, pooler.Port);
        await using var target = connection.Target;

        var (report, _) = await world.CheckAsync(connection);

        Assert.Equal((await world.CheckAsync()).Report.PlanHash, report.PlanHash);
        var named = await target.Health.LookUpAsync([.. world.New], "v1.2", TestContext.Current.CancellationToken);
        Assert.Equal(world.New.Count, named.Count);
    }

    [Fact]
    public async Task What_needs_the_ledger_or_calls_functions_says_so()
    {
        var connection = await world.MeasureAsync(HealthWorld.Reader);
        await using var target = connection.Target;

        Assert.Equal((BackfillEnvironment.Staging, true, true), (connection.Environment, connection.MeasuresOnly, connection.Identity.IsLabelGiven));
        foreach (Func<object> part in new Func<object>[] { () => target.Ledger, () => target.Runs, () => target.Rollbacks, () => target.Functions })
            Assert.Equal("LedgerNeeded", Assert.Throws<BackfillException>(part).Code);
        Assert.Equal("LedgerNeeded", Assert.Throws<BackfillException>(() => new ApplyPhase(connection, TimeProvider.System)).Code);
        Assert.Equal("LedgerNeeded", Assert.Throws<BackfillException>(() => new RollbackPhase(connection)).Code);
        var error = await Assert.ThrowsAsync<BackfillException>(
            () => target.InstallLedgerAsync(BackfillEnvironment.Staging, false, false, TestContext.Current.CancellationToken));
        Assert.Equal("LedgerNeeded", error.Code);
    }

    [Fact]
    public async Task Where_no_ledger_is_installed_it_measures_too()
    {
        await world.ExecuteAsync("alter schema backfill rename to put_away");
        try
        {
            var connection = await world.MeasureAsync(HealthWorld.Reader);
            await using var target = connection.Target;
            Assert.True((await world.CheckAsync(connection)).Report.SessionsAnalyzed > 0);
        }
        finally
        {
            await world.ExecuteAsync("alter schema put_away rename to backfill");
        }
    }

    [Fact]
    public async Task A_ledger_that_can_be_read_is_believed_rather_than_the_operator()
    {
        var options = new ConnectionOptions
        {
            ApiUrl = world.Sandbox.Info.ApiUrl, DatabaseUrl = world.Sandbox.Info.DatabaseUrl, ProjectRef = world.Sandbox.Info.ProjectRef,
        };

        var error = await Assert.ThrowsAsync<BackfillException>(() => SupabaseConnector.ConnectToMeasureAsync(
            options, BackfillEnvironment.Production, TestContext.Current.CancellationToken));
        var connection = await SupabaseConnector.ConnectToMeasureAsync(options, BackfillEnvironment.Staging, TestContext.Current.CancellationToken);
        await using var target = connection.Target;

        Assert.Equal("EnvironmentMismatch", error.Code);
        Assert.False(connection.Identity.IsLabelGiven);
        Assert.Equal(world.Connection.Fingerprint, connection.Fingerprint);
    }
}
