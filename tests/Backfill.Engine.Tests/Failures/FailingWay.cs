using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Failures;

/// <summary>A connection of its own, through a relay of its own.</summary>
internal static class FailingWay
{
    /// <summary>For failures that don't pass.</summary>
    public static DatabasePatience Hasty { get; } = new(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(300), TimeSpan.Zero);

    public static async Task ThroughAsync(RunWorld world, DatabasePatience patience, Func<Place, FailingRelay, Task> test)
    {
        await using var relay = new FailingRelay(new Uri(world.Sandbox.Info.DatabaseUrl).Port);
        var options = new ConnectionOptions
        {
            ApiUrl = world.Sandbox.Info.ApiUrl,
            ServiceRoleKey = world.Sandbox.Info.ServiceRoleKey,
            AnonKey = world.Sandbox.Info.AnonKey,
            DatabaseUrl = new UriBuilder(world.Sandbox.Info.DatabaseUrl) { Port = relay.Port }.Uri.ToString(),
            ProjectRef = world.Sandbox.Info.ProjectRef,
        };
        var connection = await SupabaseConnector.ConnectAsync(options, null, requireLedger: true, patience, TestContext.Current.CancellationToken);
        await using var target = connection.Target;
        await test(new(connection, options, ApplyWorld.NewFolder()), relay);
    }
}
