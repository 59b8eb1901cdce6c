using Backfill.Engine.Connections.Checks;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Ledger;
using Backfill.Engine.Signals.Export;
using Npgsql;

namespace Backfill.Engine.Connections;

/// <summary>Opens targets, and looks at why one can't be opened.</summary>
public static class SupabaseConnector
{
    /// <summary>Opens a target: database reached, ledger read, both found to belong to the project that the keys are of.</summary>
    /// <param name="options">Where it is and what opens it.</param>
    /// <param name="expected">The environment asked for; null takes what the ledger says.</param>
    /// <param name="requireLedger">Whether a target without a ledger of its own is refused; only installing one does without.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The open connection. Without its own ledger it has no environment.</returns>
    /// <exception cref="BackfillException">Something is missing, can't be reached, or does not fit together.</exception>
    public static Task<BackfillConnection> ConnectAsync(
        ConnectionOptions options, BackfillEnvironment? expected, bool requireLedger, CancellationToken cancellationToken) =>
        ConnectAsync(options, expected, requireLedger, DatabasePatience.Default, cancellationToken);

    internal static async Task<BackfillConnection> ConnectAsync(
        ConnectionOptions options, BackfillEnvironment? expected, bool requireLedger, DatabasePatience patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = ConnectionSettings.Read(options);
        return await OpenAsync(settings, patience, async (dataSource, place) =>
        {
            var install = await new LedgerInstaller(dataSource).ReadAsync(cancellationToken).ConfigureAwait(false);
            if (requireLedger && LedgerJudge.Refusal(install, place, expected, LedgerInstaller.NewestVersion) is { } refusal)
                throw refusal;

            // A ledger that is not this target's own says nothing about it, until it is adopted.
            var own = install is not null && LedgerJudge.IsOwn(install, place) ? install : null;
            return OpenTarget.Connect(place.ToIdentity(settings, own), new SupabaseTarget(settings, place, dataSource, patience));
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Opens a target for measuring only: as a role that need not read the ledger, or where there is none.</summary>
    /// <param name="options">Where it is and what opens it; the service role's key may be left out.</param>
    /// <param name="environment">What it is. A ledger that can be read must say the same; otherwise this is taken as it is.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The open connection; what needs the ledger, or calls functions, fails on it with <c>LedgerNeeded</c>.</returns>
    /// <exception cref="BackfillException">Something is missing, can't be reached, or does not fit together.</exception>
    public static Task<BackfillConnection> ConnectToMeasureAsync(
        ConnectionOptions options, BackfillEnvironment environment, CancellationToken cancellationToken) =>
        ConnectToMeasureAsync(options, environment, DatabasePatience.Default, cancellationToken);

    internal static async Task<BackfillConnection> ConnectToMeasureAsync(
        ConnectionOptions options, BackfillEnvironment environment, DatabasePatience patience, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = ConnectionSettings.Read(options, measuresOnly: true);
        return await OpenAsync(settings, patience, async (dataSource, place) =>
        {
            var install = await ReadIfAllowedAsync(dataSource, cancellationToken).ConfigureAwait(false);
            if (install is not null && LedgerJudge.MeasureRefusal(install, place, environment) is { } refusal)
                throw refusal;
            return OpenTarget.Connect(
                place.ToMeasured(settings, install, environment), new SupabaseTarget(
                    settings, place, dataSource, patience, measuresOnly: true));
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Looks at everything a run needs, without changing anything; goes on as far as possible after failures.</summary>
    /// <param name="options">Where the target is and what opens it.</param>
    /// <param name="expected">The environment asked for; null takes what the ledger says.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    /// <returns>The checks, each as it ends.</returns>
    public static IAsyncEnumerable<BackfillCheck> CheckAsync(
        ConnectionOptions options, BackfillEnvironment? expected, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new ConnectionChecker(options, expected).RunAsync(cancellationToken);
    }

    /// <summary>The same checks for an open connection, with the options that opened it.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="cancellationToken">Stops the checks.</param>
    /// <returns>The checks, each as it ends.</returns>
    public static IAsyncEnumerable<BackfillCheck> CheckAsync(BackfillConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        return connection.Target is SupabaseTarget target
            ? CheckAsync(target.Options, connection.Environment, cancellationToken)
            : throw new ArgumentException("The connection was not opened by this module.", nameof(connection));
    }

    private static async Task<BackfillConnection> OpenAsync(
        ConnectionSettings settings,
        DatabasePatience patience,
        Func<NpgsqlDataSource, TargetPlace, Task<BackfillConnection>> open,
        CancellationToken cancellationToken)
    {
        OtlpSwitch.On();
        var dataSource = TargetDataSource.Create(settings.DatabaseUri, settings.Database);
        try
        {
            var soon = PassingFailures.Pipeline(TimeProvider.System, patience.Person, PassingFailures.IsAnsweredOutage);
            var shortly = PassingFailures.Pipeline(TimeProvider.System, patience.Port, PassingFailures.IsClosedPort);
            return await DatabaseErrors.GuardAsync(settings.DatabaseUri, async () =>
                await soon.ExecuteAsync(
                    async waiting => await shortly.ExecuteAsync(
                        async token =>
                        {
                            var facts = await ServerFactsReader.ReadAsync(dataSource, settings.Map, token).ConfigureAwait(false);
                            var place = new TargetPlace(facts, settings.Identity, settings.ProjectRef);
                            return place.Refusal() is { } unfit ? throw unfit : await open(dataSource, place).ConfigureAwait(false);
                        },
                        waiting).ConfigureAwait(false),
                    cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            await dataSource.DisposeAsync().ConfigureAwait(false);
            // While it opens a connection, Npgsql may tell a stop as a failure.
            if (e is BackfillException && cancellationToken.IsCancellationRequested)
                throw new OperationCanceledException(e.Message, e, cancellationToken);
            throw;
        }
    }

    /// <summary>The ledger's account of itself; null where none is installed, or this role may not see it.</summary>
    private static async Task<LedgerInstall?> ReadIfAllowedAsync(NpgsqlDataSource dataSource, CancellationToken cancellationToken)
    {
        try
        {
            return await new LedgerInstaller(dataSource).ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return null;
        }
    }
}
