using System.Runtime.CompilerServices;
using Backfill.Connections;
using Backfill.Supabase.Connections;
using Backfill.Supabase.Sandboxes;

namespace Backfill.PowerShell.Isolation;

/// <summary>
/// The only way into Backfill.Supabase. Its types stand in method bodies alone, so nothing of it is loaded before the
/// first call; inlining would move that moment into the caller.
/// </summary>
internal static class SupabaseGateway
{
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task<BackfillConnection> ConnectAsync(
        ConnectionOptions options, BackfillEnvironment? expected, bool requireLedger, CancellationToken cancellationToken) =>
        SupabaseConnector.ConnectAsync(options, expected, requireLedger, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task<BackfillConnection> ConnectToMeasureAsync(
        ConnectionOptions options, BackfillEnvironment environment, CancellationToken cancellationToken) =>
        SupabaseConnector.ConnectToMeasureAsync(options, environment, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IAsyncEnumerable<BackfillCheck> CheckAsync(
        ConnectionOptions options, BackfillEnvironment? expected, CancellationToken cancellationToken) =>
        SupabaseConnector.CheckAsync(options, expected, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static IAsyncEnumerable<BackfillCheck> CheckAsync(BackfillConnection connection, CancellationToken cancellationToken) =>
        SupabaseConnector.CheckAsync(connection, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task SetFaultAsync(BackfillSandbox sandbox, BackfillSandboxFault fault, CancellationToken cancellationToken) =>
        SandboxControlPlane.SetFaultAsync(sandbox, fault, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task ClearFaultsAsync(BackfillSandbox sandbox, CancellationToken cancellationToken) =>
        SandboxControlPlane.ClearFaultsAsync(sandbox, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task StartTrafficAsync(BackfillSandbox sandbox, BackfillSandboxTraffic traffic, CancellationToken cancellationToken) =>
        SandboxControlPlane.StartTrafficAsync(sandbox, traffic, cancellationToken);

    [MethodImpl(MethodImplOptions.NoInlining)]
    public static Task StopTrafficAsync(BackfillSandbox sandbox, CancellationToken cancellationToken) =>
        SandboxControlPlane.StopTrafficAsync(sandbox, cancellationToken);
}
