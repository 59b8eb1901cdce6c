namespace Backfill.Engine.Sandboxes;

/// <summary>Tells running sandboxes of faults and traffic.</summary>
public sealed class SandboxControlPlane : ISandboxControl
{
    /// <inheritdoc/>
    public Task SetFaultAsync(BackfillSandbox sandbox, BackfillSandboxFault fault, CancellationToken cancellationToken) =>
        SandboxControlClient.SetFaultAsync(sandbox, fault, cancellationToken);

    /// <inheritdoc/>
    public Task ClearFaultsAsync(BackfillSandbox sandbox, CancellationToken cancellationToken) =>
        SandboxControlClient.ClearFaultsAsync(sandbox, cancellationToken);

    /// <inheritdoc/>
    public Task StartTrafficAsync(BackfillSandbox sandbox, BackfillSandboxTraffic traffic, CancellationToken cancellationToken) =>
        SandboxControlClient.StartTrafficAsync(sandbox, traffic, cancellationToken);

    /// <inheritdoc/>
    public Task StopTrafficAsync(BackfillSandbox sandbox, CancellationToken cancellationToken) =>
        SandboxControlClient.StopTrafficAsync(sandbox, cancellationToken);
}
