using System.Management.Automation;

namespace Backfill.PowerShell.Streams;

/// <summary>Shows a soak while it goes on: samples as they are taken, and a bar whose time left runs on between them.</summary>
internal sealed class SoakStreams : ISoakSink, IDisposable
{
    private const int Activity = 2;

    private readonly PipelineStreams _streams;
    private readonly BackfillConnection? _connection;
    private readonly Timer _ticks;
    private SoakProgress? _progress;
    private DateTimeOffset _since;

    /// <param name="streams">The cmdlet's.</param>
    /// <param name="connection">The target that samples carry; null where none are shown.</param>
    public SoakStreams(PipelineStreams streams, BackfillConnection? connection)
    {
        (_streams, _connection) = (streams, connection);
        _ticks = new(_ => Show(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    public void Taken(SoakSample sample)
    {
        if (_connection is not null)
            _streams.Write(sample with { Connection = _connection });
    }

    public void Warn(string message) => _streams.Warn(message);

    public void Explain(string message) => _streams.Explain(message);

    public void Milestone(string message, string tag) => _streams.Milestone(message, tag);

    public void Progressed(SoakProgress progress)
    {
        if (_progress is null)
        {
            _since = DateTimeOffset.UtcNow;
            _ticks.Change(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
        }

        Volatile.Write(ref _progress, progress);
        Show();
    }

    public void Dispose()
    {
        _ticks.Dispose();
        if (_progress is not null)
            _streams.Progress(new(Activity, "Staging soak", "Done") { RecordType = ProgressRecordType.Completed });
    }

    private void Show()
    {
        if (Volatile.Read(ref _progress) is not { } progress)
            return;
        var now = DateTimeOffset.UtcNow;
        var left = progress.EndsAt > now ? progress.EndsAt - now : TimeSpan.Zero;
        var verdict = progress.Verdict is { } known ? $"{known} so far" : "no verdict yet";
        _streams.Progress(new(
            Activity, "Staging soak", FormattableString.Invariant(
                $"sample {progress.Number} of {progress.Samples}, {verdict}, {TimeLeft.Of(left)}"))
        {
            PercentComplete = (int)Math.Clamp(100 * (1 - (left / (progress.EndsAt - _since))), 0, 100),
            SecondsRemaining = (int)Math.Ceiling(left.TotalSeconds),
        });
    }
}
