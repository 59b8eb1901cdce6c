using System.Globalization;
using System.Management.Automation.Host;
using System.Text;

namespace Backfill.PowerShell.Views;

/// <summary>Values as the views show them: short, readable, and the same in every culture.</summary>
public static class ViewText
{
    private const int Columns = 100;

    /// <summary>A span of time.</summary>
    /// <param name="span">The span; null where there is none.</param>
    /// <returns>For example <c>350 ms</c>, <c>12.3 s</c>, <c>2 min 05 s</c>, <c>6 h 00 min</c>.</returns>
    public static string Duration(TimeSpan? span) => span switch
    {
        null => "",
        { TotalMilliseconds: < 999.5 } s => Text($"{s.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 59.95 } s => Text($"{s.TotalSeconds:0.0} s"),
        { TotalMinutes: < 60 } s => Text($"{(int)s.TotalMinutes} min {s.Seconds:00} s"),
        { } s => Text($"{(int)s.TotalHours} h {s.Minutes:00} min"),
    };

    /// <summary>A span of time in milliseconds.</summary>
    /// <param name="milliseconds">The span; null where there is none.</param>
    /// <returns>The same as for a <see cref="TimeSpan"/>.</returns>
    public static string Duration(long? milliseconds) =>
        Duration(milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null);

    /// <summary>A rate.</summary>
    /// <param name="perMinute">The rate; null where there is none.</param>
    /// <returns>For example <c>19.9/min</c>.</returns>
    public static string Rate(double? perMinute) => perMinute is { } rate ? Text($"{rate:0.#}/min") : "";

    /// <summary>A moment, in UTC.</summary>
    /// <param name="time">The moment, or its copy; null where there is none.</param>
    /// <returns>For example <c>2025-09-17 08:00:12Z</c>.</returns>
    public static string Time(object? time) => CopyConverter.MomentOf(time) is { } t ? Text($"{t.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z") : "";

    /// <summary>A moment to the minute, in UTC.</summary>
    /// <param name="time">The moment, or its copy; null where there is none.</param>
    /// <returns>For example <c>2025-09-17 08:00Z</c>.</returns>
    public static string Minute(object? time) => CopyConverter.MomentOf(time) is { } t ? Text($"{t.UtcDateTime:yyyy-MM-dd HH:mm}Z") : "";

    /// <summary>Rows inserted, updated and deleted.</summary>
    /// <param name="result">Whose.</param>
    /// <returns>For example <c>+2 ~1</c>; what is zero is left out.</returns>
    public static string Rows(BackfillSessionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return string.Join(' ', new[] { ('+', result.RowsInserted), ('~', result.RowsUpdated), ('-', result.RowsDeleted) }
            .Where(r => r.Item2 != 0)
            .Select(r => Text($"{r.Item1}{r.Item2}")));
    }

    /// <summary>Category and reason in one text.</summary>
    /// <param name="category">The category; null where there is none.</param>
    /// <param name="reason">The reason; null where there is none.</param>
    /// <returns>For example <c>Validation: no responses</c>.</returns>
    public static string Why(BackfillCategory? category, string? reason) =>
        string.Join(": ", new[] { category?.ToString(), reason }.Where(t => !string.IsNullOrEmpty(t)));

    /// <summary>Why a session ended as it did, and whether that was taken back.</summary>
    /// <param name="result">Whose.</param>
    /// <returns>For example <c>Validation: no responses</c>.</returns>
    /// <remarks>With a name of its own: of methods with one name, PowerShell takes none for a copy of a result.</remarks>
    public static string WhyEnded(BackfillSessionResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var why = Why(result.Category, result.Reason);
        return result.RolledBackAt is { } at ? $"{why}{(why.Length == 0 ? "" : "; ")}rolled back {Minute(at)}" : why;
    }

    /// <summary>The pace of a run over all its time.</summary>
    /// <param name="run">The run.</param>
    /// <returns>For example <c>19.9/min on average</c>.</returns>
    public static string Achieved(BackfillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.AchievedPerMinute is { } rate ? $"{Rate(rate)} on average" : "";
    }

    /// <summary>The most that a run started within a minute; in a short run that is less than its average makes of a minute.</summary>
    /// <param name="run">The run.</param>
    /// <returns>For example <c>20 at most in any 60 s</c>.</returns>
    public static string Peak(BackfillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.PeakPerMinute is { } peak ? Text($"{peak} at most in any 60 s") : "";
    }

    /// <summary>How far a run is.</summary>
    /// <param name="run">The run.</param>
    /// <returns>For example <c>37 of 39</c>.</returns>
    public static string Done(BackfillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return Text($"{run.Total - run.Remaining - run.NeverCalled} of {run.Total}");
    }

    /// <summary>What an operator ordered, and who, when and until when.</summary>
    /// <param name="run">The run.</param>
    /// <returns>
    /// For example <c>Suspend by ada@ops1 2025-09-17 08:00Z until 2025-09-17 10:00Z: deploy</c>; <c>Run</c> before any order.
    /// </returns>
    public static string Intent(BackfillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return string.Concat(
            run.Intent.ToString(),
            run.IntentBy is { } by ? $" by {by} {Minute(run.IntentAt)}" : "",
            run.IntentUntil is { } until ? $" until {Minute(until)}" : "",
            run.IntentReason is { } why ? $": {why}" : "");
    }

    /// <summary>How the sessions of a run ended.</summary>
    /// <param name="run">The run.</param>
    /// <returns>For example <c>36 succeeded, 1 failed</c>; what is zero is left out.</returns>
    public static string Outcomes(BackfillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        var counts = new[]
        {
            (run.Succeeded, "succeeded"), (run.Failed, "failed"), (run.NoEffect, "without effect"),
            (run.Unknown, "unknown"), (run.Skipped, "skipped"), (run.NeverCalled, "never called"), (run.Remaining, "left"),
        };
        return string.Join(", ", counts.Where(c => c.Item1 != 0).Select(c => Text($"{c.Item1} {c.Item2}")));
    }

    /// <summary>How many sessions of a run ended other than well.</summary>
    /// <param name="run">The run.</param>
    /// <returns>Failed, without effect and unknown together.</returns>
    public static int Bad(BackfillRun run)
    {
        ArgumentNullException.ThrowIfNull(run);
        return run.Failed + run.NoEffect + run.Unknown;
    }

    /// <summary>A batch's sessions.</summary>
    /// <param name="batch">The batch.</param>
    /// <returns>For example <c>5 named</c>, or <c>32 to find</c>.</returns>
    public static string Sessions(PlanBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        return batch.SessionCount is { } count ? Text($"{count} to find") : Text($"{batch.Sessions.Count} named");
    }

    /// <summary>What a session lacks.</summary>
    /// <param name="candidate">The session.</param>
    /// <returns>For example <c>profile, FC scores</c>.</returns>
    public static string Lacks(BackfillCandidate candidate)
    {
        ArgumentNullException.ThrowIfNull(candidate);
        var outdated = candidate is { MissingProfile: true, HasProfile: true };
        return string.Join(", ", new[]
        {
            outdated ? "newer profile" : candidate.MissingProfile ? "profile" : null,
            candidate.MissingFcScores ? "FC scores" : null,
        }.OfType<string>());
    }

    /// <summary>A word in the colour of what it means, where the host has colours.</summary>
    /// <param name="value">An outcome, a state, a status or a severity; its name, of an object's copy, stays without a colour.</param>
    /// <param name="hasColours">Whether the host has colours.</param>
    /// <param name="good">Begins the colour of what went well.</param>
    /// <param name="doubtful">Begins the colour of what needs a look.</param>
    /// <param name="bad">Begins the colour of what went wrong.</param>
    /// <param name="reset">Ends a colour.</param>
    /// <returns>The word.</returns>
    public static string Paint(object? value, bool hasColours, string good, string doubtful, string bad, string reset)
    {
        var colour = value switch
        {
            BackfillOutcome.Succeeded or BackfillRunState.Completed or BackfillCheckStatus.Passed
                or BackfillGateStatus.Approved or BackfillPipelineStatus.Done
                or ProdHealthStatus.Healthy or SoakVerdict.Pass or SoakCheckStatus.Pass => good,
            BackfillOutcome.NoEffect or BackfillOutcome.Unknown or BackfillRunState.Paused or BackfillRunState.Suspended
                or BackfillCheckStatus.Warning or PlanSeverity.Warning
                or BackfillGateStatus.Pending or BackfillGateStatus.Expired or BackfillPipelineStatus.Halted
                or ProdHealthStatus.NeedsBackfill or ProdHealthStatus.NothingAnalyzed or SoakVerdict.Inconclusive or SoakCheckStatus.Inconclusive => doubtful,
            BackfillOutcome.Failed or BackfillRunState.Halted or BackfillRunState.Aborted
                or BackfillCheckStatus.Failed or PlanSeverity.Error
                or BackfillGateStatus.Denied or BackfillGateStatus.Invalidated or BackfillPipelineStatus.Failed or SoakVerdict.Fail or SoakCheckStatus.Fail => bad,
            _ => "",
        };
        return hasColours && colour.Length > 0 ? colour + value + reset : $"{value}";
    }

    /// <summary>A run's state in the colour of what it means: a run that completed with failures is not green.</summary>
    /// <param name="run">The run.</param>
    /// <param name="hasColours">Whether the host has colours.</param>
    /// <param name="good">Begins the colour of what went well.</param>
    /// <param name="doubtful">Begins the colour of what needs a look.</param>
    /// <param name="bad">Begins the colour of what went wrong.</param>
    /// <param name="reset">Ends a colour.</param>
    /// <returns>The state.</returns>
    public static string PaintRun(BackfillRun run, bool hasColours, string good, string doubtful, string bad, string reset)
    {
        ArgumentNullException.ThrowIfNull(run);
        var state = Bad(run) == 0 ? Paint(run.State, hasColours, good, doubtful, bad, reset)
            : Paint(run.State, hasColours, run.Succeeded > 0 ? doubtful : bad, doubtful, bad, reset);
        // What may take hours is seen at once; the pace is every run's.
        return run switch
        {
            { State: BackfillRunState.Running, WaitingFor: "TargetBusy" or "Hours" } => $"{state}\n{run.WaitingFor}",
            { State: BackfillRunState.Paused, Cause: BackfillRunCause.BatchReview } => $"{state}\nfor review",
            _ => state,
        };
    }

    /// <summary>The beginning of a value that may be long, and how long it is.</summary>
    /// <param name="text">The value; null where there is none.</param>
    /// <param name="width">The column's width.</param>
    /// <returns>The lines.</returns>
    public static string Brief(string? text, int width)
    {
        const int Most = 200;
        return text is null || text.Length <= Most ? Wrap(text, width) : Text($"{Wrap(text[..Most], width)} (of {text.Length} characters)");
    }

    /// <summary>A text in lines that break between words; a table's own lines break anywhere.</summary>
    /// <param name="text">The text.</param>
    /// <param name="width">The column's width.</param>
    /// <returns>The lines; a word longer than a line is left to the table.</returns>
    public static string Wrap(string? text, int width)
    {
        var lines = new StringBuilder();
        var length = 0;
        foreach (var word in (text ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var fits = length > 0 && length + 1 + word.Length <= width;
            lines.Append(length == 0 ? "" : fits ? " " : "\n").Append(word);
            length = fits ? length + 1 + word.Length : word.Length;
        }

        return lines.ToString();
    }

    /// <summary>Lines as they are, each in lines that break between words.</summary>
    /// <param name="text">The text; null where there is none.</param>
    /// <param name="width">The width.</param>
    /// <returns>The lines.</returns>
    public static string Lines(string? text, int width) =>
        string.Join('\n', (text ?? "").Split('\n').Select(line => Wrap(line, width)));

    /// <summary>A word, and what there is to say of it on the lines under it.</summary>
    /// <param name="first">The word; empty where the lines are added to others.</param>
    /// <param name="more">The rest; null where there is none.</param>
    /// <param name="width">The column's width.</param>
    /// <returns>The lines.</returns>
    public static string Under(string? first, string? more, int width) =>
        string.IsNullOrEmpty(more) ? first ?? "" : $"{first}\n{Wrap(more, width)}";

    /// <summary>What is left for a table's last column, up to column 100: longer lines are hard to read.</summary>
    /// <param name="host">The host.</param>
    /// <param name="used">The width of the columns before it, with the gaps.</param>
    /// <returns>A width, at least 10.</returns>
    public static int Rest(PSHost host, int used)
    {
        ArgumentNullException.ThrowIfNull(host);
        var width = Columns;
        try
        {
            width = host.UI?.RawUI?.BufferSize.Width ?? Columns;
        }
        catch (Exception e) when (
            e is HostException or InvalidOperationException or NotImplementedException or NotSupportedException or IOException)
        {
            // A host need not have a screen.
        }

        // A host may keep the very last column for itself.
        return Math.Max(10, Math.Min(width <= 0 ? Columns : width, Columns) - used - 1);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
