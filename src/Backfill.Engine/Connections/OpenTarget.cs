using System.Runtime.CompilerServices;
using Backfill.Engine.Profiles;

namespace Backfill.Engine.Connections;

/// <summary>A target that is connected to: what is known of it, and what reaches it.</summary>
/// <remarks>A connection is all that operators hold of it; from there the engine finds back to its own side here.</remarks>
internal sealed class OpenTarget(TargetIdentity identity, ITarget target) : IConnectedTarget
{
    private static readonly ConditionalWeakTable<BackfillConnection, OpenTarget> Targets = [];

    public TargetIdentity Identity { get; set; } = identity;

    public ITarget Target => target;

    public BackfillEnvironment? Environment => Identity.Environment;

    public Uri ApiUrl => Identity.ApiUrl;

    public string ProjectRef => Identity.ProjectRef;

    public string DatabaseHost => Identity.DatabaseHost;

    public string Database => Identity.Database;

    public string ServerVersion => Identity.ServerVersion;

    public string Fingerprint => Identity.Fingerprint;

    public bool IsSandbox => Identity.IsSandbox;

    public bool MeasuresOnly => Identity.MeasuresOnly;

    public string? SubjectTable => (target as SupabaseTarget)?.Map.Project?.Subject.Table;

    public bool IsClosed { get; private set; }

    /// <summary>Names connections among those of the session that opened it; null where none does.</summary>
    public Func<BackfillConnection, string?>? Naming { get; set; }

    public string? NameInCommands(BackfillConnection connection) => Naming?.Invoke(connection);

    /// <summary>The connection through which a target is shown.</summary>
    public static BackfillConnection Connect(TargetIdentity identity, ITarget target)
    {
        var open = new OpenTarget(identity, target);
        var connection = new BackfillConnection(open);
        Targets.Add(connection, open);
        return connection;
    }

    /// <exception cref="ArgumentException">The connection was not made here.</exception>
    public static OpenTarget Of(BackfillConnection connection) => Targets.TryGetValue(connection, out var open)
        ? open
        : throw new ArgumentException("The connection was not opened by this module.", nameof(connection));

    public async Task CloseAsync()
    {
        if (IsClosed)
            return;
        IsClosed = true;
        await target.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>The engine's side of a connection.</summary>
internal static class ConnectionTarget
{
    extension(BackfillConnection connection)
    {
        public ITarget Target => OpenTarget.Of(connection).Target;

        public TargetIdentity Identity => OpenTarget.Of(connection).Identity;

        /// <summary>Another project, as its profile says; null for the known system.</summary>
        public DeclaredProject? Project => (OpenTarget.Of(connection).Target as SupabaseTarget)?.Map.Project;

        /// <summary>Refuses to go on where the ledger is no longer the one that was connected to, or no longer in its own place.</summary>
        /// <remarks>Before anything that writes or decides: the label that the connection shows says which gates there are.</remarks>
        public Task RequireSameLedgerAsync(CancellationToken cancellationToken) => connection.Target is SupabaseTarget target
            ? target.RequireSameLedgerAsync(connection.Identity, cancellationToken)
            : Task.CompletedTask;
    }
}
