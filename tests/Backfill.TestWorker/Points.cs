using System.Diagnostics;

namespace Backfill.TestWorker;

/// <summary>The points that a worker passes: each is a line on standard output, and one of them may be its last.</summary>
internal sealed class Points(string? killAt, int killAfter)
{
    public const string AfterClaim = "after-claim";
    public const string BeforeSend = "before-send";
    public const string AfterSend = "after-send";
    public const string AfterResponse = "after-response";
    public const string AfterCheckpoint = "after-checkpoint";
    public const string BeforeSettle = "before-settle";
    public const string AfterSettle = "after-settle";
    public const string BeforeKeep = "before-keep";
    public const string AfterKeep = "after-keep";
    public const string WhileArtifacts = "while-artifacts";
    public const string Sampled = "sampled";

    private readonly Lock _lock = new();
    private int _count;

    public bool IsKilledAt(string point) => point == killAt;

    public void Reach(string point, string detail)
    {
        lock (_lock)
        {
            Console.Out.WriteLine($"{point} {detail}");
            Console.Out.Flush();
            if (!IsKilledAt(point) || ++_count < killAfter)
                return;
            // SIGKILL: no handler runs, nothing is closed, nothing is written.
            using var self = Process.GetCurrentProcess();
            self.Kill();
            Thread.Sleep(Timeout.Infinite);
        }
    }
}
