namespace Backfill;

/// <summary>What a running sandbox can be told, besides being called.</summary>
public interface ISandboxControl
{
    /// <summary>Adds a fault to those that are set.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="fault">The fault.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it is set.</returns>
    /// <exception cref="BackfillException"><c>SandboxFaultRefused</c>, <c>SandboxGone</c>.</exception>
    Task SetFaultAsync(BackfillSandbox sandbox, BackfillSandboxFault fault, CancellationToken cancellationToken);

    /// <summary>Clears all faults.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When they are cleared.</returns>
    /// <exception cref="BackfillException"><c>SandboxGone</c>.</exception>
    Task ClearFaultsAsync(BackfillSandbox sandbox, CancellationToken cancellationToken);

    /// <summary>Starts traffic, in the place of what is running.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="traffic">The traffic.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it runs.</returns>
    /// <exception cref="BackfillException"><c>SandboxTrafficRefused</c>, <c>SandboxGone</c>.</exception>
    Task StartTrafficAsync(BackfillSandbox sandbox, BackfillSandboxTraffic traffic, CancellationToken cancellationToken);

    /// <summary>Stops the traffic; where there is none, nothing happens.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>When it is stopped.</returns>
    /// <exception cref="BackfillException">
    /// <c>SandboxTrafficRefused</c> where its tokens could not be restored; <c>SandboxGone</c>.
    /// </exception>
    Task StopTrafficAsync(BackfillSandbox sandbox, CancellationToken cancellationToken);
}
