namespace Backfill;

/// <content>What <c>-WhatIf</c> asks: each throws what the real call would refuse, and changes nothing.</content>
public partial interface IBackfillEngine
{
    /// <summary>Checks an order to a run.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When nothing stands against it.</returns>
    Task RequireAsync(BackfillConnection connection, RunOrder order, CancellationToken cancellationToken);

    /// <summary>Checks a soak.</summary>
    /// <param name="connection">The target.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When nothing stands against it.</returns>
    Task RequireAsync(BackfillConnection connection, SoakRequest request, CancellationToken cancellationToken);

    /// <summary>Checks a pipeline.</summary>
    /// <param name="connection">Staging.</param>
    /// <param name="production">Production; null where none is connected.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When nothing stands against its beginning.</returns>
    Task RequireAsync(
        BackfillConnection connection, BackfillConnection? production, PipelineRequest request, CancellationToken cancellationToken);

    /// <summary>Checks a plan of chosen sessions.</summary>
    /// <param name="request">What is asked.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When nothing stands against it.</returns>
    Task RequireAsync(SessionPlanRequest request, CancellationToken cancellationToken);
}
