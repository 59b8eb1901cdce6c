namespace Backfill.Sandbox.Functions;

/// <summary>One run of a function: what becomes of its rows, and where it stops.</summary>
/// <param name="effect">What becomes of the rows; the answer is the same in any case.</param>
/// <param name="call">The call that it runs for.</param>
/// <param name="interruption">Null: it runs to its end.</param>
internal sealed class FunctionRun(Effect effect, Call call, Interruption? interruption = null)
{
    public Effect Effect => effect;

    public Interruption? Interruption => interruption;

    /// <summary>The rows of one more table are committed.</summary>
    public void WroteTable() => call.WroteTable();
}
