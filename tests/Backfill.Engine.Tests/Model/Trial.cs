using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Model;

/// <summary>One call that arrived, and what its history says of it.</summary>
/// <param name="Position">The operation's place, from 1.</param>
/// <param name="Step">What was done with it; the rest in the place where it really came.</param>
/// <param name="SentAt">When it was sent, as near as can be told.</param>
/// <param name="Logged">As the server logged it.</param>
internal sealed record TrialCall(int Position, Step Step, DateTimeOffset SentAt, TracedCall Logged)
{
    public override string ToString() => FormattableString.Invariant(
        $"{SentAt:HH:mm:ss.fff} operation {Position}, attempt {Logged.Attempt}, fence {Logged.Fence}: {Step}; {Logged.Logged.Status} {Logged.Logged.Outcome}, {Logged.Logged.TablesWritten} tables, whole at {Logged.Logged.CommittedAt:HH:mm:ss.fff}");
}

/// <summary>What became of one history.</summary>
internal sealed record Trial
{
    public required Guid Session { get; init; }

    /// <summary>As it was made up.</summary>
    public required History History { get; init; }

    /// <summary>As it really went: a busy machine may be late.</summary>
    public required History Measured { get; init; }

    /// <summary>How long after it was sent a call may be committed.</summary>
    public required TimeSpan Quiet { get; init; }

    /// <summary>Whether the run as a whole may have waited.</summary>
    public required bool CanBeHeld { get; init; }

    public required IReadOnlyList<TrialCall> Calls { get; init; }

    /// <summary>Null where it was not settled.</summary>
    public required BackfillSessionResult? Result { get; init; }

    public required DateTimeOffset? SettledAt { get; init; }

    /// <summary>Its rows before the run.</summary>
    public required IReadOnlyDictionary<string, ModelRow> Before { get; init; }

    /// <summary>Its rows when nothing of the run could come any more.</summary>
    public required IReadOnlyDictionary<string, ModelRow> After { get; init; }

    /// <summary>Its rows once the run was rolled back.</summary>
    public required IReadOnlyDictionary<string, ModelRow> Undone { get; init; }

    public required IReadOnlyList<BackfillRollbackConflict> Conflicts { get; init; }

    public override string ToString() => string.Join(
        "\n    ",
        Calls.Select(c => c.ToString())
            .Prepend($"session {Session}")
            .Append(FormattableString.Invariant($"settled at {SettledAt:HH:mm:ss.fff}: {Result?.Outcome} {Result?.Category} {Result?.Reason}"))
            .Concat(Conflicts.Select(c => $"conflict: {c}")));
}
