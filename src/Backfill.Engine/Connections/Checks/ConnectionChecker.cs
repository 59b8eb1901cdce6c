using System.Runtime.CompilerServices;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Profiles;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Looks at one thing after another; what fails keeps only those from being looked at that need it.</summary>
internal sealed class ConnectionChecker(ConnectionOptions options, BackfillEnvironment? expected)
{
    private static readonly string[] NeedDatabase =
        ["ServerVersion", "Pooler", "Tables", "OwnerRights", "AnonRole", .. NeedChecks.Names, "Ledger"];

    private readonly TimeProvider _time = TimeProvider.System;

    public async IAsyncEnumerable<BackfillCheck> RunAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var map = TargetMap.Read(options.TargetProfile);
        if (map.Declared is { } declared)
            yield return BackfillCheck.Pass("TargetProfile", $"{declared.Path}, SHA-256 {declared.Hash[..12]}: {map.Words()}.");
        var service = Part<ProjectKey>.Of(() => ProjectKey.RequireService(SettingText.ServiceRoleKey(options.ServiceRoleKey)));
        yield return SettingChecks.ServiceKey(service, _time);
        var anonymous = Part<ProjectKey>.Of(() => ProjectKey.ReadAnonymous(SettingText.AnonKey(options.AnonKey)));
        yield return SettingChecks.AnonymousKey(anonymous, _time);
        var api = Part<Uri>.Of(() => ApiAddress.Parse(SettingText.ApiUrl(options.ApiUrl)));
        var uri = Part<PostgresUri>.Of(() => ConnectionSettings.ReadDatabaseUri(options.DatabaseUrl));
        var identity = Part<ProjectIdentity>.Of(
            () => ProjectIdentity.Of(api.Value, service.Value, anonymous.Value, uri.Value, SettingText.ProjectRef(options.ProjectRef)));
        yield return SettingChecks.Project(api, uri, identity);

        ClockReading? databaseClock = null;
        await foreach (var (check, clock) in DatabaseAsync(uri, map, identity.Value, cancellationToken).ConfigureAwait(false))
        {
            databaseClock ??= clock;
            yield return check;
        }

        ClockReading? apiClock = null;
        if (api.Value is { } address && service.Value is { } key)
        {
            (var functions, apiClock) = await FunctionsCheck.TakeAsync(address, key, map, _time, cancellationToken).ConfigureAwait(false);
            yield return functions;
            yield return functions.Status == BackfillCheckStatus.Failed
                ? CheckFailure.Unreached(WrongKeyCheck.Name, "Functions")
                : await WrongKeyCheck.TakeAsync(address, key, map.Functions, _time, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            var missing = service.Value is null ? "ServiceRoleKey" : "Project";
            yield return CheckFailure.Unreached("Functions", missing);
            yield return CheckFailure.Unreached(WrongKeyCheck.Name, missing);
        }

        yield return ClockCheck.Of(databaseClock, apiClock);
    }

    private async IAsyncEnumerable<(BackfillCheck Check, ClockReading? Clock)> DatabaseAsync(
        Part<PostgresUri> uri, TargetMap map, ProjectIdentity? identity, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var settings = Part<Npgsql.NpgsqlConnectionStringBuilder>.Of(() => uri.Value is { } u ? DatabaseSettings.From(u) : null);
        if ((uri.Error ?? settings.Error) is { } unusable)
        {
            foreach (var check in Unreached(unusable))
                yield return (check, null);
            yield break;
        }

        await using var dataSource = TargetDataSource.Create(uri.Value!, settings.Value!);
        var checks = new DatabaseChecks(dataSource, uri.Value!, settings.Value!, map);
        var (probe, error) = await ProbeAsync(checks, cancellationToken).ConfigureAwait(false);
        if (error is not null)
        {
            foreach (var check in Unreached(error))
                yield return (check, null);
            yield break;
        }

        var facts = probe!.Facts;
        yield return (checks.Database(probe), probe.Clock);
        yield return (DatabaseChecks.Version(facts), null);
        yield return (await checks.PoolerAsync(cancellationToken).ConfigureAwait(false), null);
        yield return (await checks.TablesAsync(cancellationToken).ConfigureAwait(false), null);
        yield return (await checks.RightsAsync(facts, cancellationToken).ConfigureAwait(false), null);
        yield return (await checks.AnonymousRoleAsync(facts, cancellationToken).ConfigureAwait(false), null);
        foreach (var check in await checks.NeedsAsync(cancellationToken).ConfigureAwait(false))
            yield return (check, null);
        yield return identity is null
            ? (CheckFailure.Unreached("Ledger", "Project"), null)
            : (await checks.LedgerAsync(facts, identity, expected, cancellationToken).ConfigureAwait(false), null);
    }

    private async Task<Part<DatabaseProbe>> ProbeAsync(DatabaseChecks checks, CancellationToken cancellationToken)
    {
        try
        {
            return new(await checks.ProbeAsync(_time, cancellationToken).ConfigureAwait(false), null);
        }
        catch (BackfillException e)
        {
            return new(null, e);
        }
    }

    private static IEnumerable<BackfillCheck> Unreached(BackfillException error) =>
        NeedDatabase.Select(n => CheckFailure.Unreached(n, "Database")).Prepend(CheckFailure.Of("Database", error));
}
