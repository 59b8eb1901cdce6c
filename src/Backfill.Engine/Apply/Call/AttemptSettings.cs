namespace Backfill.Engine.Apply.Call;

/// <summary>How attempts are repeated.</summary>
/// <param name="MostAttempts">How many in all.</param>
/// <param name="BaseDelay">About how long the first pause is; each further one is about twice as long.</param>
/// <param name="MaxDelay">The longest pause.</param>
internal sealed record AttemptSettings(int MostAttempts, TimeSpan BaseDelay, TimeSpan MaxDelay)
{
    public static AttemptSettings Default { get; } =
        new(4, TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10));
}
