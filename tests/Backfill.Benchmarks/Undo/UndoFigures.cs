namespace Backfill.Benchmarks.Undo;

/// <summary>What a process of its own is to do; on its standard input, because it holds keys.</summary>
/// <param name="Target">The sandbox.</param>
/// <param name="RunId">The run.</param>
/// <param name="Work"><c>script</c>, <c>copy</c> or <c>undo</c>.</param>
/// <param name="Path">The file that is written.</param>
internal sealed record UndoOrder(Engine.Tests.Sandbox.SandboxInfo Target, Guid RunId, string Work, string Path);

/// <summary>How it went.</summary>
/// <param name="Seconds">The work alone, once the target is open.</param>
/// <param name="PeakMb">The most that the process ever had resident, in 10^6 bytes.</param>
internal sealed record UndoTurn(double Seconds, double PeakMb);

/// <summary>One round, in which every contender had its turn.</summary>
/// <param name="Script">The script written.</param>
/// <param name="Copy">The same rows by COPY TO STDOUT into a file.</param>
/// <param name="Undo">The rollback.</param>
/// <param name="ByHandSeconds">The hand-written statement.</param>
internal sealed record UndoRound(UndoTurn Script, UndoTurn Copy, UndoTurn Undo, double ByHandSeconds);

/// <summary>All rounds.</summary>
/// <param name="Images">Row images of the run.</param>
/// <param name="ScriptMb">The size of the script, in 10^6 bytes.</param>
/// <param name="CopyMb">The size of what COPY wrote.</param>
/// <param name="Rounds">The rounds.</param>
internal sealed record UndoFigures(int Images, double ScriptMb, double CopyMb, IReadOnlyList<UndoRound> Rounds)
{
    /// <summary>Speed of the script against COPY, by time for the same rows.</summary>
    public double ScriptRatio => Median(r => r.Copy.Seconds / r.Script.Seconds);

    /// <summary>Time of the rollback against the statement by hand.</summary>
    public double UndoRatio => Median(r => r.Undo.Seconds / r.ByHandSeconds);

    public double Median(Func<UndoRound, double> value) => Comparison.RoundFigures.Median(Rounds.Select(value));
}
