using Backfill.Apply;
using Backfill.Connections;
using Backfill.Rollback;
using Backfill.Supabase.Connections;
using Backfill.Supabase.Functions;
using Backfill.Supabase.Ledger;
using Backfill.Supabase.Rollback;
using Npgsql;

namespace Backfill.Supabase;

/// <summary>One Supabase project: its database, its ledger and its edge functions.</summary>
internal sealed class SupabaseTarget : ITarget
{
    private readonly ConnectionSettings _settings;
    private readonly TargetPlace _place;
    private readonly NpgsqlDataSource _dataSource;
    private readonly EdgeFunctionCaller _functions;

    /// <summary>Takes the data source over and closes it at the end.</summary>
    public SupabaseTarget(ConnectionSettings settings, TargetPlace place, NpgsqlDataSource dataSource)
    {
        _settings = settings;
        _place = place;
        _dataSource = dataSource;
        _functions = new(settings.ApiUrl, settings.ServiceKey.Value, EdgeFunctionSettings.Default, TimeProvider.System);
        Ledger = new ResilientLedger(new RunLedger(dataSource), settings.DatabaseUri, TimeProvider.System);
        Runs = new RunReader(dataSource, settings.DatabaseUri);
        Rollbacks = new RollbackStore(dataSource, settings.DatabaseUri);
    }

    public IRunLedger Ledger { get; }

    public IRunReader Runs { get; }

    public IRollbackStore Rollbacks { get; }

    public IFunctionCaller Functions => _functions;

    public IAttemptPolicy Attempts { get; } = new AttemptPolicy(AttemptSettings.Default, TimeProvider.System);

    /// <summary>What opened it; for looking at it again.</summary>
    public ConnectionOptions Options => _settings.Options;

    public async Task<TargetIdentity> InstallLedgerAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        if (sandbox && !_settings.IsLocal)
        {
            throw new BackfillException(
                "SandboxNotLocal",
                BackfillErrorKind.Refused,
                $"Only a target on this machine can be a sandbox; {_settings.DatabaseUri} or {_settings.ApiUrl.Host} is not. Leave -Sandbox out.",
                _settings.ProjectRef);
        }

        var install = await DatabaseErrors.GuardAsync(
            _settings.DatabaseUri, () => InstallAsync(environment, adopt, sandbox, cancellationToken)).ConfigureAwait(false);
        return _place.ToIdentity(_settings, install);
    }

    public async ValueTask DisposeAsync()
    {
        _functions.Dispose();
        await _dataSource.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<LedgerInstall> InstallAsync(
        BackfillEnvironment environment, bool adopt, bool sandbox, CancellationToken cancellationToken)
    {
        var installer = new LedgerInstaller(_dataSource);
        var found = await installer.ReadAsync(cancellationToken).ConfigureAwait(false);
        if (LedgerJudge.InstallRefusal(found, _place, environment, adopt) is { } refusal)
            throw refusal;
        var isForeign = found is not null && !LedgerJudge.IsOwn(found, _place);
        return await installer
            .InstallAsync(environment, _settings.ProjectRef, adopt && isForeign, sandbox, cancellationToken).ConfigureAwait(false);
    }
}
