using System.Text.Json;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Tests.Rules.Signals;

/// <summary>A folder for signals, gone when the test ends.</summary>
internal sealed class SignalFolder : IDisposable
{
    private readonly List<string> _warnings = [];

    public string Root { get; } = Directory.CreateTempSubdirectory("backfill-signals-").FullName;

    public string Events => Path.Combine(Root, "backfill_logs", "events.jsonl");

    public string Metrics => Path.Combine(Root, "backfill_logs", "metrics.prom");

    public IReadOnlyList<string> Warnings => _warnings;

    public void Warn(string message)
    {
        lock (_warnings)
            _warnings.Add(message);
    }

    /// <summary>The lines of all log files, the oldest file first.</summary>
    public IReadOnlyList<JsonElement> Lines() =>
    [
        .. Directory.GetFiles(Path.GetDirectoryName(Events)!, "events*.jsonl").OrderByDescending(NumberOf)
            .SelectMany(File.ReadLines).Select(line => JsonDocument.Parse(line).RootElement),
    ];

    public static SignalEvent Event(string body, params KeyValuePair<string, object?>[] attributes) =>
        new(DateTimeOffset.UnixEpoch, EventSeverity.Info, "backfill.test", body, attributes, null, null);

    public void Dispose() => Directory.Delete(Root, recursive: true);

    private static int NumberOf(string file) => int.TryParse(Path.GetFileName(file).Split('.')[1], out var number) ? number : 0;
}
