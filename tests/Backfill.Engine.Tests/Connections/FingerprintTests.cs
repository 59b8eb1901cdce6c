using Backfill.Engine.Connections;
using static Backfill.Engine.Tests.Connections.ConnectionWorld;

namespace Backfill.Engine.Tests.Connections;

/// <summary>Each field of the ledger's fingerprint that may differ, against each command that meets it.</summary>
[Collection(ConnectionCollection.Name)]
public sealed class FingerprintTests(ConnectionWorld world)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // What is written to the install row; then what Connect, Connect -MeasureOnly, Initialize, Initialize -Adopt as Staging and as
    // Production say, and what everything says that works on a connection opened before. "ok" stands for the label asked for.
    [Theory]
    [InlineData("system_identifier = '1'", "LedgerIsCopy", "LedgerIsCopy", "LedgerIsCopy", "ok", "ok", "LedgerIsCopy")]
    [InlineData("database_oid = 1", "LedgerIsCopy", "LedgerIsCopy", "LedgerIsCopy", "ok", "ok", "LedgerIsCopy")]
    [InlineData("project_ref = 'other'", "ProjectMismatch", "ProjectMismatch", "ProjectMismatch", "ok", "ok", "ProjectMismatch")]
    [InlineData("environment = 'production'", "EnvironmentMismatch", "EnvironmentMismatch", "EnvironmentMismatch", "EnvironmentMismatch", "LedgerNotAdopted", "EnvironmentMismatch")]
    [InlineData("is_sandbox = false", "ok", "ok", "ok", "ok", "ok", "LedgerChanged")]
    [InlineData("install_id = gen_random_uuid()", "ok", "ok", "ok", "LedgerNotAdopted", "EnvironmentMismatch", "LedgerChanged")]
    [InlineData("schema_version = 999", "LedgerTooNew", "ok", "LedgerTooNew", "LedgerTooNew", "LedgerTooNew", "LedgerTooNew")]
    [InlineData("project_ref = 'other', environment = 'production'", "ProjectMismatch", "ProjectMismatch", "ProjectMismatch", "ok", "ok", "ProjectMismatch")]
    [InlineData("project_ref = project_ref", "ok", "ok", "ok", "LedgerNotAdopted", "EnvironmentMismatch", "ok")]
    public async Task Each_field_meets_each_command(
        string change, string connect, string measure, string initialize, string adopt, string relabel, string work)
    {
        var connection = await OpenAsync(requireLedger: true);
        await using var target = connection.Target;
        await world.WithAsync(
            $"CREATE TABLE put_away AS TABLE backfill.install; UPDATE backfill.install SET {change}", Restore + "DROP TABLE put_away", async () =>
            {
                Assert.Equal(connect, await SayAsync(() => ConnectAsync(world.Options(), BackfillEnvironment.Staging)));
                Assert.Equal(measure, await SayAsync(async () =>
                {
                    var measured = await SupabaseConnector.ConnectToMeasureAsync(world.Options(), BackfillEnvironment.Staging, Stop);
                    await measured.Target.DisposeAsync();
                    return measured;
                }));
                foreach (var (name, use) in Uses())
                    Assert.True(work == "ok" || work == await RefusalAsync(() => use(connection)), name);
                Assert.Equal(initialize, await InstallAsync(BackfillEnvironment.Staging, adopt: false));
                Assert.Equal(relabel, await InstallAsync(BackfillEnvironment.Production, adopt: true));
                await world.ExecuteAsync($"{Restore}UPDATE backfill.install SET {change}");
                Assert.Equal(adopt, await InstallAsync(BackfillEnvironment.Staging, adopt: true));
            });
    }

    [Fact]
    public async Task A_connection_from_before_an_adoption_lets_no_plan_run_under_the_old_label()
    {
        var connection = await OpenAsync(requireLedger: true);
        await using var target = connection.Target;
        await world.WithAsync(
            "CREATE TABLE put_away AS TABLE backfill.install; UPDATE backfill.install SET project_ref = 'other'",
            Restore + "DROP TABLE put_away",
            async () =>
            {
                Assert.Equal("ok", await InstallAsync(BackfillEnvironment.Production, adopt: true));
                foreach (var (name, use) in Uses())
                    Assert.True(await RefusalAsync(() => use(connection)) == "EnvironmentMismatch", name);
            });
    }

    private const string Restore = "DELETE FROM backfill.install; INSERT INTO backfill.install SELECT * FROM put_away;";

    /// <summary>Everything that writes, decides or undoes on an open connection. The run is none: the ledger is looked at before it.</summary>
    private static IEnumerable<(string Name, Func<BackfillConnection, Task> Use)> Uses()
    {
        var engine = new BackfillEngine();
        var run = Guid.NewGuid();
        var apply = new ApplyRequest { RunId = run, OutputPath = Path.GetTempPath() };
        var gate = new BackfillGate
        {
            Name = BackfillGateName.ApplyReview, RunId = run, Environment = BackfillEnvironment.Staging, Status = BackfillGateStatus.Pending,
            Passed = true, PlanHash = "", EvidenceHash = "", Criteria = new([]),
        };
        var decision = new GateDecision { Seen = gate, Approve = true, Reason = "tried" };
        var soak = new SoakRequest { RunId = run, OutputPath = Path.GetTempPath() };
        var pipeline = new PipelineRequest { Plan = null!, OutputPath = Path.GetTempPath() };
        return
        [
            ("preview of an apply", c => engine.PreviewApplyAsync(c, apply, Stop)),
            ("apply", c => engine.ApplyAsync(c, apply, null!, Stop)),
            ("steering", c => engine.SteerAsync(c, new(run, RunAction.Stop, "tried"), Stop)),
            ("preview of a rollback", c => engine.PreviewRollbackAsync(c, new(run), Stop)),
            ("rollback", c => engine.RollBackAsync(c, new(run), BackfillConflictRule.Stop, "tried", Stop)),
            ("rollback script", c => engine.WriteRollbackAsync(c, new(run), Path.GetTempPath(), Stop)),
            ("script by time", c => engine.WriteTimestampRollbackAsync(c, new(null, run, null, default, null), Path.GetTempPath(), Stop)),
            ("preview of a decision", c => engine.PreviewDecisionAsync(c, decision, Stop)),
            ("decision", c => engine.DecideAsync(c, decision, Stop)),
            ("soak", c => engine.SoakAsync(c, soak, null!, Stop)),
            ("pipeline", c => engine.RunPipelineAsync(c, null, pipeline, null!, Stop)),
            ("removal", c => engine.RemoveRunsAsync(c, [], Stop)),
        ];
    }

    private Task<BackfillConnection> OpenAsync(bool requireLedger) =>
        SupabaseConnector.ConnectAsync(world.Options(), null, requireLedger, Stop);

    /// <summary>What the installation says before it is asked, and what it does: they must agree.</summary>
    private async Task<string> InstallAsync(BackfillEnvironment environment, bool adopt)
    {
        var engine = new BackfillEngine();
        var connection = await OpenAsync(requireLedger: false);
        await using var target = connection.Target;
        var outlook = await engine.PreviewLedgerAsync(connection, environment, adopt, sandbox: true, Stop);
        var said = await SayAsync(async () =>
        {
            await engine.InstallLedgerAsync(connection, environment, adopt, sandbox: true, Stop);
            Assert.Equal(environment, connection.Environment);
            return connection;
        });
        Assert.Equal(said == "ok" ? null : said, outlook.Refusal?.Code);
        return said;
    }

    private static async Task<string> SayAsync(Func<Task<BackfillConnection>> command)
    {
        try
        {
            var connection = await command();
            Assert.NotNull(connection.Environment);
            return "ok";
        }
        catch (BackfillException e)
        {
            return e.Code;
        }
    }

    private static async Task<string> RefusalAsync(Func<Task> use) => (await Assert.ThrowsAsync<BackfillException>(use)).Code;
}
