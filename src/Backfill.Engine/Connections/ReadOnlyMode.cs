using System.Data;
using System.Globalization;

namespace Backfill.Engine.Connections;

/// <summary>What a READ ONLY transaction holds to.</summary>
/// <param name="Isolation">Whether its statements share one snapshot.</param>
/// <param name="StatementTimeout">How long each of them may take, on the server.</param>
internal sealed record ReadOnlyMode(IsolationLevel Isolation, TimeSpan StatementTimeout)
{
    /// <summary>For looks at single rows and at catalogs.</summary>
    public static ReadOnlyMode Quick { get; } = new(IsolationLevel.ReadCommitted, TimeSpan.FromSeconds(15));

    /// <summary>The same with a limit of its own.</summary>
    public static ReadOnlyMode QuickWithin(TimeSpan statementTimeout) => Quick with { StatementTimeout = statementTimeout };

    /// <summary>For figures that must agree with one another.</summary>
    public static ReadOnlyMode OneSnapshot(TimeSpan statementTimeout) => new(IsolationLevel.RepeatableRead, statementTimeout);

    /// <summary>As PostgreSQL takes it.</summary>
    public string TimeoutText => string.Create(CultureInfo.InvariantCulture, $"{Math.Max(1, (long)StatementTimeout.TotalMilliseconds)}ms");

    /// <summary>The client's own limit in seconds: later, so that the server's error comes first.</summary>
    public int ClientTimeout => (int)Math.Min(StatementTimeout.TotalSeconds + 45, int.MaxValue);
}
