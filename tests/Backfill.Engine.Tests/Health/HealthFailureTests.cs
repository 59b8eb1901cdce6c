using System.Collections.Concurrent;
using Backfill.Engine.Connections;
using Backfill.Engine.Health;
using Backfill.Engine.Tests.Connections;
using Npgsql;

namespace Backfill.Engine.Tests.Health;

/// <summary>What can't be measured is an error, and never a verdict.</summary>
[Collection(HealthTests.Name)]
public sealed class HealthFailureTests(HealthWorld world)
{
    [Fact]
    public async Task Rows_that_a_policy_would_hide_are_an_error()
    {
        var connection = await world.MeasureAsync(HealthWorld.Hidden);
        await using var target = connection.Target;

        var error = await AssertNoVerdictAsync("RowsHidden", connection);

        Assert.Contains("BYPASSRLS", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_permission_that_is_missing_is_an_error()
    {
        var connection = await world.MeasureAsync(HealthWorld.Partial);
        await using var target = connection.Target;

        var error = await AssertNoVerdictAsync("PermissionDenied", connection);

        Assert.Contains("profiles", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("alter table public.profiles rename to put_away", "alter table public.put_away rename to profiles")]
    [InlineData("alter table public.fc_responses rename to put_away", "alter table public.put_away rename to fc_responses")]
    [InlineData("alter table public.profiles rename results_version to put_away", "alter table public.profiles rename put_away to results_version")]
    public async Task A_table_or_column_that_is_missing_is_an_error(string change, string undo)
    {
        await world.ExecuteAsync(change);
        try
        {
            await AssertNoVerdictAsync("TablesMissing", world.Connection);
        }
        finally
        {
            await world.ExecuteAsync(undo);
        }
    }

    [Fact]
    public async Task A_statement_that_takes_too_long_is_an_error()
    {
        await using var other = await world.Owner.OpenConnectionAsync(TestContext.Current.CancellationToken);
        await using var transaction = await other.BeginTransactionAsync(TestContext.Current.CancellationToken);
        await using var hold = new NpgsqlCommand("lock table public.fc_scores in access exclusive mode", other, transaction);
        await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

        var error = await AssertNoVerdictAsync(
            "DatabaseTimeout", world.Connection, HealthWorld.Query with { StatementTimeout = TimeSpan.FromMilliseconds(300) });

        Assert.Contains("-StatementTimeout", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_that_goes_away_is_an_error()
    {
        Assert.SkipUnless(PgBouncer.Program is not null, "pgbouncer is not installed.");
        var pooler = await PgBouncer.StartAsync(world.UrlOf(HealthWorld.Reader), "transaction");
        var connection = await world.MeasureAsync(HealthWorld.Reader, pooler.Port, Failures.FailingWay.Hasty);
        await using var target = connection.Target;
        await pooler.DisposeAsync();

        await AssertNoVerdictAsync("DatabaseUnreachable", connection);
    }

    [Fact]
    public async Task Events_and_metrics_that_cannot_be_written_are_warned_of_and_the_report_is_there()
    {
        var (folder, warnings) = (Apply.ApplyWorld.NewFolder(), new ConcurrentQueue<string>());
        await File.WriteAllTextAsync(Path.Combine(folder, "backfill_logs"), "in the way", TestContext.Current.CancellationToken);

        var (report, _) = await world.CheckAsync(folder: folder, warn: warnings.Enqueue);

        Assert.True(File.Exists(report.ReportPath));
        Assert.Contains(warnings, w => w.Contains("metrics.prom can't be written", StringComparison.Ordinal));
        Assert.Contains(warnings, w => w.Contains("events.jsonl can't be written", StringComparison.Ordinal));
    }

    private async Task<BackfillException> AssertNoVerdictAsync(string code, BackfillConnection connection, HealthQuery? query = null)
    {
        var folder = Apply.ApplyWorld.NewFolder();
        var error = await Assert.ThrowsAsync<BackfillException>(() => world.CheckAsync(connection, folder, query));
        Assert.True(code == error.Code, $"{error.Code}: {error.Message}");
        Assert.Empty(Directory.GetFiles(folder));

        var phase = new HealthPhase(connection, TimeProvider.System);
        var listed = await Assert.ThrowsAsync<BackfillException>(async () => await phase
            .FindAsync(query ?? HealthWorld.Query, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken));
        Assert.Equal(code, listed.Code);
        return error;
    }
}
