using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Call.Http;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Gates;
using Backfill.Engine.Gates.Store;
using Backfill.Engine.Health;
using Backfill.Engine.Health.Store;
using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Backfill.Engine.Purge;
using Backfill.Engine.Reports;
using Backfill.Engine.Reports.Store;
using Backfill.Engine.Rollback;
using Backfill.Engine.Rollback.Store;
using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Report;
using Backfill.Engine.Soak.Store;
using Npgsql;

namespace Backfill.Engine.Connections;

/// <summary>One Supabase project: its database, its ledger and its edge functions.</summary>
internal sealed class SupabaseTarget : ITarget
{
    private readonly ConnectionSettings _settings;
    private readonly TargetPlace _place;
    private readonly NpgsqlDataSource _dataSource;
    private readonly bool _measuresOnly;
    private readonly RunReader _runs;
    private readonly WorkerConnections _workers;
    private readonly RunLedger _ledger;
    private readonly ReportReader _reports;
    private readonly RollbackStore _rollbacks;
    private readonly SoakStore _soaks;
    private readonly GateStore _gates;
    private readonly PurgeStore _purges;
    private readonly GuardStore _guard;
    private readonly LedgerOperations _operations;
    private readonly EdgeFunctionCaller? _functions;

    /// <summary>Takes the data source over and closes it at the end.</summary>
    /// <param name="settings">What opened it.</param>
    /// <param name="place">What was found there.</param>
    /// <param name="dataSource">Its connections.</param>
    /// <param name="patience">How long an outage of the database is waited out.</param>
    /// <param name="measuresOnly">Whether ledger and functions are out of reach.</param>
    public SupabaseTarget(
        ConnectionSettings settings, TargetPlace place, NpgsqlDataSource dataSource, DatabasePatience patience, bool measuresOnly = false)
    {
        _settings = settings;
        _place = place;
        _dataSource = dataSource;
        _measuresOnly = measuresOnly;
        if (settings.ServiceKey is { } key)
            _functions = new(settings.ApiUrl, key.Value, EdgeFunctionSettings.Default, TimeProvider.System);
        var operations = _operations = new LedgerOperations(dataSource, settings.DatabaseUri, TimeProvider.System, patience);
        _workers = new(dataSource, operations, settings.DatabaseUri, settings.Database, patience);
        _ledger = new(dataSource, operations, _workers, settings.Map);
        _runs = new(operations);
        _reports = new(operations);
        _rollbacks = new(dataSource, settings.DatabaseUri, patience);
        Health = new HealthProbe(dataSource, settings.DatabaseUri, patience, settings.Map);
        SoakProbe = new SoakProbe(dataSource, settings.DatabaseUri, patience: patience, map: settings.Map);
        _soaks = new(operations);
        _gates = new(dataSource, operations, settings.Map.Declared?.Hash);
        _purges = new(dataSource, operations);
        _guard = new(dataSource, operations);
    }

    public IRunLedger Ledger => OfLedger(_ledger);

    public IRunReader Runs => OfLedger(_runs);

    public IReportReader Reports => OfLedger(_reports);

    public IRollbackStore Rollbacks => OfLedger(_rollbacks);

    public IFunctionCaller Functions => OfLedger(_functions!);

    public IHealthProbe Health { get; }

    public ISoakProbe SoakProbe { get; }

    public ISoakStore Soaks => OfLedger(_soaks);

    public IGateStore Gates => OfLedger(_gates);

    public GuardStore Guard => OfLedger(_guard);

    public IPurgeStore Purges => OfLedger(_purges);

    public IChartWriter Charts { get; } = new SoakChartWriter();

    public IAttemptPolicy Attempts { get; } = new AttemptPolicy(AttemptSettings.Default, TimeProvider.System);

    public TargetMap Map => _settings.Map;

    /// <summary>What opened it; for looking at it again.</summary>
    public ConnectionOptions Options => _settings.Options;

    public async Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        RequireInstallable(sandbox);
        return await DatabaseErrors.GuardAsync(_settings.DatabaseUri, async () =>
        {
            var place = await _operations.SoonAsync(ReadPlaceAsync, cancellationToken).ConfigureAwait(false);
            var install = await new LedgerInstaller(_dataSource)
                .InstallAsync(place, environment, adopt, sandbox, cancellationToken).ConfigureAwait(false);
            return place.ToIdentity(_settings, install);
        }).ConfigureAwait(false);
    }

    /// <summary>What <see cref="InstallLedgerAsync"/> would do now.</summary>
    public async Task<LedgerOutlook> PreviewLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        RequireInstallable(sandbox);
        var (place, install) = await ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
        return LedgerJudge.Outlook(install, place, environment, adopt, sandbox, LedgerInstaller.NewestVersion);
    }

    /// <summary>Refuses to go on where the ledger is no longer the one that was connected to.</summary>
    public async Task RequireSameLedgerAsync(TargetIdentity opened, CancellationToken cancellationToken)
    {
        // What needs the ledger says so itself there.
        if (_measuresOnly)
            return;
        var (place, install) = await ReadLedgerAsync(cancellationToken).ConfigureAwait(false);
        if (LedgerJudge.ChangeRefusal(install, place, opened, LedgerInstaller.NewestVersion) is { } refusal)
            throw refusal;
    }

    public async ValueTask DisposeAsync()
    {
        _functions?.Dispose();
        await _workers.DisposeAsync().ConfigureAwait(false);
        await _dataSource.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>As the place is now: the connection may have been open while the server was upgraded or restored.</summary>
    private async Task<TargetPlace> ReadPlaceAsync(CancellationToken cancellationToken) =>
        _place with { Facts = await ServerFactsReader.ReadAsync(_dataSource, _settings.Map, cancellationToken).ConfigureAwait(false) };

    /// <summary>Place and ledger; waits for a database that is restarting, as the ledger's own operations do.</summary>
    private Task<(TargetPlace Place, LedgerInstall? Install)> ReadLedgerAsync(CancellationToken cancellationToken) =>
        _operations.SoonAsync(
            async token => (
                await ReadPlaceAsync(token).ConfigureAwait(false),
                await new LedgerInstaller(_dataSource).ReadAsync(token).ConfigureAwait(false)),
            cancellationToken);

    private void RequireInstallable(bool sandbox)
    {
        if (_measuresOnly)
            throw LedgerNeeded();
        if (sandbox && !_settings.IsLocal)
        {
            throw new BackfillException(
                "SandboxNotLocal",
                BackfillErrorKind.Refused,
                $"Only a target on this machine can be a sandbox; {_settings.DatabaseUri} or {_settings.ApiUrl.Host} is not. Leave -Sandbox out.",
                _settings.ProjectRef);
        }
    }

    private T OfLedger<T>(T part) => _measuresOnly ? throw LedgerNeeded() : part;

    private BackfillException LedgerNeeded() => new(
        "LedgerNeeded",
        BackfillErrorKind.InvalidState,
        $"This needs the ledger of project {_settings.ProjectRef}, but the connection was opened with -MeasureOnly. "
        + "Connect without -MeasureOnly, as the owner of the tables.",
        _settings.ProjectRef);
}
