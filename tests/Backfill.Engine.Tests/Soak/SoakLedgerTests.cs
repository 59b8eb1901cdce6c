using Backfill.Engine.Connections;
using Backfill.Engine.Soak;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Soak;

/// <summary>Samples and verdict in the ledger, and soaks that are taken up again.</summary>
public sealed class SoakLedgerTests(SoakWorld world) : IClassFixture<SoakWorld>, IAsyncLifetime
{
    private Guid _run;

    public async ValueTask InitializeAsync()
    {
        await world.FreshAsync();
        _run = await world.RunAsync();
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Who_comes_to_a_soak_of_the_same_approval_that_has_ended_since_gets_that_one()
    {
        await world.FreshAsync();
        var run = await world.RunAsync();
        var soaks = world.Connection.Target.Soaks;
        var settings = SoakRules.Settings(new() { OutputPath = "" }, null, null, TimeSpan.FromHours(1));
        var order = new SoakOrder(Guid.CreateVersion7(), run, DateTimeOffset.UtcNow, settings, "tester@here");
        var first = await soaks.OpenAsync(order, CancellationToken.None);
        await soaks.EndAsync(first, new(SoakVerdict.Pass), CancellationToken.None);
        var second = await soaks.OpenAsync(order, CancellationToken.None);
        Assert.Equal((first.SoakId, SoakVerdict.Pass), (second.SoakId, second.Ending?.Verdict));
    }

    [Fact]
    public async Task Samples_and_verdict_are_read_back_as_they_were_taken()
    {
        await world.ExecuteAsync("insert into public.fn_logs (at, evt, payload) values (now() + interval '1 s', 'engine_version_override', '{}')");
        var (end, samples) = await world.SoakAsync(Of(_run));
        var soak = (await world.Connection.Target.Soaks.FindLatestAsync(_run, TestContext.Current.CancellationToken))!;
        var kept = await world.Connection.Target.Soaks.ReadAsync(soak, 0, TestContext.Current.CancellationToken);

        Assert.Equal([1, 2, 3, 4], kept.Select(s => s.Number));
        Assert.Equal((SoakVerdict.Fail, SoakVerdict.Fail), (end.Verdict, soak.Ending!.Verdict));
        foreach (var (taken, read) in samples.Zip(kept))
        {
            var none = ItemList.Of<SoakCheck>();
            // The server keeps microseconds.
            Assert.Equal(taken.At.UtcDateTime, read.At.UtcDateTime, TimeSpan.FromMicroseconds(1));
            Assert.Equal(
                taken with { Checks = none, At = default, WindowStart = default, WindowEnd = default },
                read with { Checks = none, At = default, WindowStart = default, WindowEnd = default });
            Assert.Equal(taken.Checks.Select(c => c.ToString() + c.Detail), read.Checks.Select(c => c.ToString() + c.Detail));
        }
    }

    [Fact]
    public async Task Stopped_and_taken_up_again_it_goes_on_in_the_same_window()
    {
        using var stop = new CancellationTokenSource();
        var sink = new SoakSink { OnTaken = s => { if (s.Number == 2) stop.Cancel(); } };
        var (stopped, before) = await world.SoakAsync(Of(_run), sink: sink, stop: stop.Token);
        Assert.Equal((SoakVerdict.Inconclusive, true), (stopped.Verdict, stopped.CanGoOn));
        Assert.Contains("stopped early", await File.ReadAllTextAsync(stopped.Artifacts[0]), StringComparison.Ordinal);

        var again = new SoakSink();
        var (end, after) = await world.SoakAsync(new() { RunId = _run, OutputPath = ApplyWorld.NewFolder() }, sink: again);
        Assert.Equal([1, 2, 3, 4], before.Concat(after).Select(s => s.Number));
        Assert.Equal(stopped.Soak.SoakId, end.Soak.SoakId);
        Assert.Equal(["SoakContinued", $"Soak{end.Verdict}", "GateRaised"], again.Tags);
        Assert.Equal(4, end.Samples.Count);
    }

    [Fact]
    public async Task A_soak_under_way_keeps_what_it_was_begun_with()
    {
        using var stop = new CancellationTokenSource();
        var request = Of(_run) with { Duration = TimeSpan.FromMinutes(2), Interval = TimeSpan.FromMilliseconds(100) };
        await world.SoakAsync(request, sink: new() { OnTaken = _ => stop.Cancel() }, stop: stop.Token);
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(request with { Baseline = 0.5 }));
        Assert.Equal("SoakSettingDiffers", refusal.Code);
        Assert.Contains("-Baseline", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_at_once_share_one_window_and_take_each_sample_once()
    {
        var request = Of(_run) with { Duration = TimeSpan.FromSeconds(10), Interval = TimeSpan.FromMilliseconds(500) };
        var ends = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(() => world.SoakAsync(request))));
        Assert.Equal(ends[0].End.Soak.SoakId, ends[1].End.Soak.SoakId);
        var numbers = ends.SelectMany(e => e.Samples).Select(s => s.Number).Where(n => n < 20).Order();
        Assert.Equal(Enumerable.Range(1, 19), numbers);
        Assert.All(ends, e => Assert.Equal(20, e.End.Samples.Count));
        Assert.All(ends, e => Assert.Equal(20, e.Samples[^1].Number));
        Assert.Equal(20, await world.ScalarAsync<long>("select count(*) from backfill.soak_sample"));
    }

    [Fact]
    public async Task Of_two_that_measure_the_same_at_the_same_microsecond_one_has_taken_the_sample()
    {
        var soaks = world.Connection.Target.Soaks;
        var settings = SoakRules.Settings(new() { OutputPath = "" }, null, null, TimeSpan.FromHours(1));
        var soak = await soaks.OpenAsync(new(Guid.CreateVersion7(), _run, DateTimeOffset.UtcNow, settings, "tester@here"), CancellationToken.None);
        var sample = new SoakSample
        {
            RunId = _run,
            Number = 1,
            At = soak.Window.Start,
            WindowStart = soak.Window.Start,
            WindowEnd = soak.Window.End,
            Baseline = 0.85,
            Verdict = SoakVerdict.Pass,
            Checks = ItemList.Of<SoakCheck>(),
        };
        var taken = await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => soaks.AddAsync(soak, sample, null, CancellationToken.None)));
        Assert.Single(taken, t => t);
    }

    [Fact]
    public async Task A_window_that_nobody_watched_to_its_end_is_closed_and_a_new_one_takes_a_new_approval()
    {
        using var stop = new CancellationTokenSource();
        var (first, _) = await world.SoakAsync(Of(_run), sink: new() { OnTaken = _ => stop.Cancel() }, stop: stop.Token);
        await Task.Delay(TimeSpan.FromSeconds(2.5), TestContext.Current.CancellationToken);
        var sink = new SoakSink();
        var (missed, none) = await world.SoakAsync(Of(_run), sink: sink);
        Assert.Equal((first.Soak.SoakId, SoakVerdict.Inconclusive, "It was not watched to its end.", false), (missed.Soak.SoakId, missed.Verdict, missed.Reason, missed.CanGoOn));
        // What was taken is reported, and nothing is taken any more.
        Assert.Equal(first.Samples.Select(s => (s.Number, s.Verdict)), missed.Samples.Select(s => (s.Number, s.Verdict)));
        Assert.Empty(none);
        Assert.Contains("not watched to its end", await File.ReadAllTextAsync(missed.Artifacts[0], TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal((BackfillGateName.SoakGoNoGo, BackfillGateStatus.Pending, false), (missed.Gate!.Name, missed.Gate.Status, missed.Gate.Passed));
        Assert.Contains("Nobody watched", Assert.Single(sink.Warnings), StringComparison.Ordinal);
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(Of(_run)));
        Assert.Equal("GateUsed", refusal.Code);

        await world.ApproveAsync(_run, BackfillGateName.ApplyReview);
        var (second, samples) = await world.SoakAsync(Of(_run));
        Assert.NotEqual(first.Soak.SoakId, second.Soak.SoakId);
        Assert.Equal([1, 2, 3, 4], samples.Select(s => s.Number));
        Assert.Equal(
            ["Inconclusive It was not watched to its end.", $"{second.Verdict} "],
            await world.LinesAsync("select verdict || ' ' || coalesce(reason, '') from backfill.soak order by begun_at"));
    }

    [Fact]
    public async Task A_look_back_leaves_nothing_in_the_ledger()
    {
        await world.SoakAsync(new() { RunId = _run, Since = world.Since, OutputPath = ApplyWorld.NewFolder() });
        Assert.Equal(0, await world.ScalarAsync<long>("select count(*) from backfill.soak"));
    }

    [Fact]
    public async Task A_soak_goes_with_its_run()
    {
        await world.SoakAsync(Of(_run));
        await world.ExecuteAsync("delete from backfill.run where run_id = $1", _run);
        Assert.Equal(0, await world.ScalarAsync<long>("select (select count(*) from backfill.soak) + (select count(*) from backfill.soak_sample)"));
    }

    [Fact]
    public async Task Nobody_but_the_owner_may_read_soaks()
    {
        foreach (var role in (string[])["anon", "authenticated", "service_role"])
        {
            Assert.False(await world.ScalarAsync<bool>(
                "select has_schema_privilege($1, 'backfill', 'usage') or has_table_privilege($1, 'backfill.soak', 'select') or has_table_privilege($1, 'backfill.soak_sample', 'select')", role));
        }

        Assert.True(await world.ScalarAsync<bool>("select relrowsecurity from pg_class where oid = 'backfill.soak'::regclass"));
    }

    [Fact]
    public async Task A_run_that_is_not_there_is_an_error()
    {
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(Of(Guid.NewGuid())));
        Assert.Equal("RunNotFound", refusal.Code);
    }

    [Fact]
    public async Task Production_is_refused()
    {
        var production = OpenTarget.Connect(
            world.Connection.Identity with { Environment = BackfillEnvironment.Production }, world.Connection.Target);
        var refusal = await Assert.ThrowsAsync<BackfillException>(() => world.SoakAsync(Of(_run), production));
        Assert.Equal("SoakOnProduction", refusal.Code);
    }

    private static SoakRequest Of(Guid run) => new()
    {
        RunId = run,
        Duration = TimeSpan.FromSeconds(2),
        Interval = TimeSpan.FromMilliseconds(500),
        OutputPath = ApplyWorld.NewFolder(),
    };
}
