namespace Backfill.Sandbox.Signals;

/// <summary>A health signal of the database that is planted: trouble that a gentle run notices, and waits for.</summary>
internal interface IHealthSignal : IAsyncDisposable
{
    /// <summary>Makes the trouble. Returns when the server's catalog shows it.</summary>
    Task PlantAsync(CancellationToken cancellationToken);

    /// <summary>Ends the trouble, also after a planting that failed. Returns when the catalog shows it no more.</summary>
    Task ClearAsync();
}
