using System.Text.Json;
using Backfill;
using Backfill.Engine.Apply;
using Backfill.Engine.Connections;
using Backfill.Engine.Soak;
using Backfill.TestWorker;

// Standard input: first what opens the target, as one line of JSON, so that no secret is on a command line; then the
// leash: the line "stop" stops the worker as Ctrl+C does, and its end ends the process.
var order = WorkerOrder.Parse(args);
var opens = JsonSerializer.Deserialize<WorkerSecrets>(Console.In.ReadLine()!)!;
using var stop = new CancellationTokenSource();
_ = Task.Run(async () =>
{
    while (await Console.In.ReadLineAsync() is { } line)
    {
        if (line == "stop")
            await stop.CancelAsync();
    }

    Environment.Exit(2);
});

if (order.Through is { } through)
    NamespaceLine.Open(through);
var points = new Points(order.KillAt, order.KillAfter);
var opened = await SupabaseConnector.ConnectAsync(opens.ToOptions(), null, requireLedger: true, CancellationToken.None);
using var arrivals = new ArrivalLog(opens);
var connection = OpenTarget.Connect(opened.Identity, WatchedTarget.Of(opened.Target, points, arrivals));
try
{
    points.Reach("ended", order.Verb switch
    {
        "apply" => await ApplyAsync(),
        "rollback" => await UndoAsync(),
        "soak" => await SoakAsync(),
        _ => throw new ArgumentException($"'{order.Verb}' is no verb."),
    });
    return 0;
}
catch (BackfillException e)
{
    points.Reach("refused", e.Code);
    return 1;
}

async Task<string> ApplyAsync() =>
    (await new ApplyPhase(connection, TimeProvider.System).RunAsync(order.ToRequest(), new LineSink(points), stop.Token)).Run.State.ToString();

async Task<string> UndoAsync()
{
    points.Reach("rolling-back", order.RunId.ToString());
    return (await connection.Target.Rollbacks.UndoAsync(order.ToRollback(), stop.Token)).State.ToString();
}

async Task<string> SoakAsync() =>
    (await new SoakPhase(connection, TimeProvider.System).RunAsync(order.ToSoak(), new SoakLines(points), stop.Token)).Verdict.ToString();
