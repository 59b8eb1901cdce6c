using Backfill.Engine.Tests.Apply;
using Backfill.Engine.Tests.Rollback;

namespace Backfill.Engine.Tests.Failures;

/// <summary>What a use case tells when something under it fails: by the same code and kind, whichever use case it is.</summary>
[Collection(RollbackCollection.Name)]
public sealed class FailureTests(RollbackWorld world)
{
    /// <summary>They need no database, or tell what they find as what they look for.</summary>
    private static readonly string[] Others =
    [
        nameof(IBackfillEngine.DisconnectAsync), nameof(IBackfillEngine.CheckAsync), nameof(IBackfillEngine.ReadPlan),
        nameof(IBackfillEngine.FindChainBreak), "get_KnownFunctions",
    ];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task No_use_case_is_left_out() => Assert.Equal(
        typeof(IBackfillEngine).GetMethods().Select(m => m.Name).Distinct().Except(Others).Order(StringComparer.Ordinal),
        (await UseCasesAsync()).Select(u => u.Name).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("53100", "DatabaseDiskFull", BackfillErrorKind.Storage)]
    [InlineData("42501", "PermissionDenied", BackfillErrorKind.Permission)]
    [InlineData(null, "DatabaseUnreachable", BackfillErrorKind.Unreachable, Traits = ["Lane", "full"])]
    public async Task A_failure_of_the_database_has_the_same_code_and_kind_in_each_use_case(string? state, string code, BackfillErrorKind kind)
    {
        var wrong = new List<string>();
        foreach (var useCase in await UseCasesAsync())
        {
            var (error, _) = await FailAsync(useCase, state, passing: 0);
            if (error is not BackfillException known || (known.Code, known.Kind) != (code, kind))
                wrong.Add($"{useCase.Name}: {error}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>A disk fills up, and a line breaks, in the middle of what is read.</summary>
    [Theory]
    [InlineData("53100", "DatabaseDiskFull")]
    [InlineData(null, "DatabaseUnreachable")]
    [Trait("Lane", "full")]
    public async Task Wherever_the_database_fails_while_it_is_read_it_is_told_as_that(string? state, string code)
    {
        var wrong = new List<string>();
        foreach (var useCase in (await UseCasesAsync()).Where(u => u.Reads))
        {
            for (var passing = 1; ; passing++)
            {
                var (error, hasFailed) = await FailAsync(useCase, state, passing);
                if (!hasFailed)
                    break;
                if (error is not BackfillException known || known.Code != code)
                    wrong.Add($"{useCase.Name} after {passing} round trips: {error}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task A_use_case_that_is_stopped_while_the_database_is_at_work_ends_as_stopped()
    {
        var wrong = new List<string>();
        foreach (var useCase in await UseCasesAsync())
        {
            var error = await Record.ExceptionAsync(() => ThroughAsync(async (place, relay) =>
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
                relay.Arm(DatabaseFailure.Hangs);
                var running = useCase.RunAsync(place, stop.Token);
                await Task.WhenAny(running, relay.Struck);
                await stop.CancelAsync();
                await running;
            }));
            if (error is not OperationCanceledException)
                wrong.Add($"{useCase.Name}: {error}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_no_failure_of_the_database()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Elsewhere there is no folder that even an administrator may not write to.");
        string[] writing =
        [
            nameof(IBackfillEngine.WritePlanAsync), nameof(IBackfillEngine.ApplyAsync), nameof(IBackfillEngine.WriteRollbackAsync),
            nameof(IBackfillEngine.WriteTimestampRollbackAsync), nameof(IBackfillEngine.SoakAsync), nameof(IBackfillEngine.CheckHealthAsync),
            nameof(IBackfillEngine.ExportReportAsync),
        ];
        var place = new Place(world.Connection, new(), "/sys/backfill");
        var wrong = new List<string>();
        foreach (var useCase in (await UseCasesAsync()).Where(u => writing.Contains(u.Name)))
        {
            var error = await Record.ExceptionAsync(() => useCase.RunAsync(place, Stop));
            if (error is not BackfillException { Code: "FileNotWritten", Kind: BackfillErrorKind.Permission })
                wrong.Add($"{useCase.Name}: {error}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public async Task A_fault_in_the_program_is_told_as_it_is()
    {
        await world.FreshAsync();
        var fault = new InvalidOperationException("a fault");
        var request = new ApplyRequest { Plan = ApplyWorld.PlanOf(world.New[0]), OutputPath = ApplyWorld.NewFolder(), ThrottlePerMinute = ApplyWorld.QuickPace };
        Assert.Same(fault, await Record.ExceptionAsync(() => new BackfillEngine().ApplyAsync(world.Connection, request, new FaultySink(fault), Stop)));
    }

    private async Task<IReadOnlyList<UseCase>> UseCasesAsync()
    {
        await world.FreshAsync();
        var run = await world.AppliedAsync(world.New[0]);
        var gate = await new BackfillEngine().FindGateAsync(world.Connection, run.Id, BackfillGateName.ApplyReview, true, Stop);
        return UseCases.On(run.Ticket.Plan, run.Id, gate);
    }

    private async Task<(Exception? Error, bool HasFailed)> FailAsync(UseCase useCase, string? state, int passing)
    {
        var hasFailed = false;
        var error = await Record.ExceptionAsync(() => ThroughAsync(async (place, relay) =>
        {
            relay.Arm(state is null ? DatabaseFailure.Breaks : DatabaseFailure.Refuses, state ?? "", passing);
            try
            {
                await useCase.RunAsync(place, Stop);
            }
            finally
            {
                hasFailed = relay.Struck.IsCompleted;
            }
        }));
        return (error, hasFailed);
    }

    private Task ThroughAsync(Func<Place, FailingRelay, Task> test) => FailingWay.ThroughAsync(world, FailingWay.Hasty, test);

    private sealed class FaultySink(Exception fault) : IApplySink
    {
        public void Settled(BackfillSessionResult result) => throw fault;

        public void Warn(string message)
        {
        }

        public void Progressed(ApplyProgress progress)
        {
        }

        public void Explain(string message)
        {
        }

        public void Milestone(string message, string tag)
        {
        }
    }
}
