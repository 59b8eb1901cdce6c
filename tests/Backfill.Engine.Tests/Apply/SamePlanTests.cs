using System.Text;
using Backfill.Engine.Apply;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A plan whose file was only laid out otherwise is the same plan: what is done is not done again.</summary>
[Collection(ApplyCollection.Name)]
public sealed class SamePlanTests(RunWorld world)
{
    public static TheoryData<string> Layouts => ["a newline at the end", "CRLF", "a byte-order mark", "one line"];

    [Theory]
    [MemberData(nameof(Layouts))]
    public async Task A_plan_in_another_layout_warns_and_passes_over_what_is_done(string layout)
    {
        await world.FreshAsync();
        var first = await world.FrozenAsync(3, RunWorld.Quick);
        await first.ApplyAsync();
        await first.MustHaveSucceededAsync();
        var calls = (await world.CallsAsync()).Count;

        var other = Read(LaidOut(first.Ticket.Plan.GetDocument(), layout));
        Assert.NotEqual(first.Ticket.Plan.Hash, other.Hash);
        var request = new ApplyRequest { Plan = other, OutputPath = ApplyWorld.NewFolder() };
        var phase = new ApplyPhase(world.Connection, TimeProvider.System);
        var preview = await phase.PreviewAsync(request, CancellationToken.None);
        Assert.Empty(preview.Calls);
        var sink = new RecordingSink();
        var end = await phase.RunAsync(request, sink, CancellationToken.None);

        Assert.Equal((3, 0), (end.Run.Skipped, end.Run.Succeeded));
        Assert.Equal(calls, (await world.CallsAsync()).Count);
        Assert.All([.. preview.Warnings, sink.Warnings[0]], w => Assert.StartsWith("This plan says the same as ", w, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_plan_with_another_operation_is_another_plan()
    {
        await world.FreshAsync();
        var first = await world.FrozenAsync(3, RunWorld.Quick);
        await first.ApplyAsync();
        var other = Read(first.Ticket.Plan.GetDocument().Replace("\"v1.2.1\"", "\"v1.2.2\"", StringComparison.Ordinal));
        var preview = await new ApplyPhase(world.Connection, TimeProvider.System)
            .PreviewAsync(new() { Plan = other, OutputPath = ApplyWorld.NewFolder() }, CancellationToken.None);
        Assert.Empty(preview.Warnings);
        Assert.NotEmpty(preview.Calls);
    }

    private static string LaidOut(string document, string layout) => layout switch
    {
        "CRLF" => document.ReplaceLineEndings("\r\n") + "\r\n",
        "a byte-order mark" => "\uFEFF" + document,
        "one line" => string.Concat(document.Split('\n').Select(l => l.Trim())) + " ",
        _ => document + "\n",
    };

    private static BackfillPlan Read(string document) => new PlanReader().Read(Encoding.UTF8.GetBytes(document), "other.plan.json").Plan!;
}
