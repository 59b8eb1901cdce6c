using System.Globalization;
using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Sandbox;

namespace Backfill.Engine.Tests.Apply;

/// <summary>One frozen run, the rows of its sessions before anything was called, and what must hold of it at its end.</summary>
internal sealed class TestRun(RunWorld world, RunTicket ticket, Guid[] sessions, IReadOnlyList<string> before)
{
    public Guid Id => ticket.RunId;

    public RunTicket Ticket => ticket;

    public IReadOnlyList<Guid> Sessions => sessions;

    public string OutputPath { get; } = ApplyWorld.NewFolder();

    /// <summary>Works on it in this process, until it ends.</summary>
    public async Task<ApplyOutcome> ApplyAsync(
        BackfillConnection? connection = null, TimeSpan? unreachableLimit = null, CancellationToken stop = default)
    {
        var sink = new RecordingSink();
        var request = new ApplyRequest { RunId = Id, OutputPath = OutputPath, UnreachableLimit = unreachableLimit };
        var end = await new ApplyPhase(connection ?? world.Connection, TimeProvider.System).RunAsync(request, sink, stop);
        return new(end, sink, OutputPath);
    }

    /// <summary>Works on it in a process of its own.</summary>
    public WorkerProcess Start(string? kill = null) => WorkerProcess.Start(world, Id, OutputPath, kill);

    public Task OrderAsync(RunAction action, string? reason = "a test", int? throttle = null, int? concurrency = null) =>
        world.Connection.Target.Ledger.ControlAsync(
            new(Id, action, reason, "operator@console", throttle, concurrency), CancellationToken.None);

    public async Task<BackfillRun> ReadAsync() =>
        await world.Runs.ListAsync(new(Id), CancellationToken.None).SingleAsync();

    /// <summary>The run, once it is as wanted.</summary>
    public Task<BackfillRun> OnceAsync(Func<BackfillRun, bool> isSo) => Patiently.AskAsync(ReadAsync, isSo);

    /// <summary>The calls, once they are as wanted.</summary>
    public Task<IReadOnlyList<TracedCall>> OnceCalledAsync(Func<IReadOnlyList<TracedCall>, bool> isSo) =>
        Patiently.AskAsync(CallsAsync, isSo);

    public async Task<IReadOnlyList<TracedCall>> CallsAsync() =>
        [.. (await world.CallsAsync()).Where(c => c.RunId == Id)];

    /// <summary>When its sessions were begun, in order: the first call of each claim, as its worker has recorded it.</summary>
    public async Task<IReadOnlyList<DateTime>> StartsAsync() =>
    [
        .. (await world.LinesAsync(
            """
            select to_char(min(sent_at) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
            from backfill.operation
            where run_id = $1 and sent_at is not null
            group by session_id, fence
            order by min(sent_at)
            """,
            Id)).Select(t => DateTime.Parse(t, CultureInfo.InvariantCulture)),
    ];

    public async Task<IReadOnlyList<BackfillSessionResult>> ResultsAsync() =>
        await world.Runs.ReadSessionsAsync(Id, null, CancellationToken.None).ToListAsync();

    /// <summary>Everything that must hold of a run that has done all its sessions, however it was disturbed.</summary>
    public async Task MustHaveSucceededAsync()
    {
        var results = await ResultsAsync();
        Assert.Empty(results.Where(r => r.Outcome != BackfillOutcome.Succeeded).Select(r => $"{r} {r.Category}: {r.Reason}"));
        var run = await ReadAsync();
        Assert.Equal((BackfillRunState.Completed, sessions.Length, 0), (run.State, run.Succeeded, run.Remaining));
        Assert.Equal(sessions.Order(), results.Select(r => r.SessionId).Order());
        Assert.Equal(0, await world.ScalarAsync<long>(
            "select count(*) from backfill.operation where run_id = $1 and outcome = 'Succeeded' and sent_at is null", Id));
        await MustBeAccountedForAsync();
        await ImagesMustHoldAsync();
    }

    /// <summary>No call without the row that was committed before it, and none after an effect that could be read.</summary>
    public async Task MustBeAccountedForAsync()
    {
        var calls = await CallsAsync();
        var announced = await world.LinesAsync(
            "select concat_ws(' ', run_id, session_id, position, function, attempt, fence) from backfill.operation where run_id = $1", Id);
        Assert.Empty(calls.Select(c => c.Operation).Except(announced));
        Assert.Equal(calls.Count, calls.Select(c => c.Operation).Distinct().Count());
        foreach (var operation in calls.GroupBy(c => (c.SessionId, c.Position)))
        {
            var read = operation.Min(c => c.Logged.CommittedTickUs);
            Assert.DoesNotContain(operation, c => c.Logged.ArrivedTickUs > read);
        }
    }

    /// <summary>Every before-image is the state before the first call, every after-image the state now.</summary>
    public async Task ImagesMustHoldAsync()
    {
        var images = await world.LinesAsync(
            "select concat_ws('|', table_name, session_id, before_record) from backfill.image where run_id = $1 and before_record is not null", Id);
        Assert.Equal(before, images.Order(StringComparer.Ordinal));
        var after = await world.LinesAsync(
            "select concat_ws('|', table_name, session_id, encode(after_sha256, 'hex')) from backfill.image where run_id = $1 and after_sha256 is not null", Id);
        Assert.Equal(await TargetRows.ReadHashesAsync(world.Owner, sessions), after.Order(StringComparer.Ordinal));
    }

    /// <summary>What the run's order book says: event, who and why.</summary>
    public Task<IReadOnlyList<string>> EventsAsync() => world.LinesAsync(
        "select concat_ws('|', event, by_whom, reason) from backfill.run_event where run_id = $1 order by event_id", Id);
}
