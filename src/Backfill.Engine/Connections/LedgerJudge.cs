namespace Backfill.Engine.Connections;

/// <summary>Whether the ledger found in a database is this target's own, and one this module can work with.</summary>
internal static class LedgerJudge
{
    /// <summary>Whether the ledger is this target's own; else it says nothing about it, until it is adopted.</summary>
    public static bool IsOwn(LedgerInstall install, TargetPlace place) =>
        !IsCopy(install, place) && install.ProjectRef == place.ProjectRef;

    /// <summary>What stands against working with the ledger; null where nothing does.</summary>
    public static BackfillException? Refusal(LedgerInstall? install, TargetPlace place, BackfillEnvironment? expected, int newestSchema) =>
        install is null ? NotInstalled(place, expected)
        : Foreign(install, place, expected)
            ?? OtherEnvironment(install, place, expected)
            ?? OtherSchema(install, place, newestSchema);

    /// <summary>What stands against measuring where the ledger can be read; its schema is of no matter then.</summary>
    public static BackfillException? MeasureRefusal(LedgerInstall install, TargetPlace place, BackfillEnvironment environment) =>
        Foreign(install, place, environment) ?? OtherEnvironment(install, place, environment);

    /// <summary>What stands against installing, upgrading or adopting; null where nothing does.</summary>
    public static BackfillException? InstallRefusal(
        LedgerInstall? install, TargetPlace place, BackfillEnvironment environment, bool adopt, bool sandbox, int newestSchema)
    {
        if (install is null)
            return null;
        if (install.SchemaVersion > newestSchema)
            return OtherSchema(install, place, newestSchema);
        // A copy can get a new label, a ledger in its own place never does.
        if (adopt && !(IsOwn(install, place) && install.IsSandbox == sandbox))
            return null;
        return Foreign(install, place, environment)
            ?? OtherEnvironment(install, place, environment)
            ?? (adopt ? NothingToAdopt(install, place) : null);
    }

    /// <summary>
    /// What stands against an open connection: the ledger must still be the one that was connected to, with the same label.
    /// </summary>
    /// <remarks>A ledger that was adopted may have another label, and other plans may run on it.</remarks>
    public static BackfillException? ChangeRefusal(LedgerInstall? install, TargetPlace place, TargetIdentity opened, int newestSchema) =>
        Refusal(install, place, opened.Environment, newestSchema)
        ?? (install!.InstallId == opened.InstallId && (install.IsSandbox || !opened.IsSandbox) ? null : new BackfillException(
            "LedgerChanged",
            BackfillErrorKind.Refused,
            $"The ledger of project {place.ProjectRef} was adopted or installed since this connection was opened. Nothing was done. "
            + $"Connect again: Connect-Backfill -Environment {install.Environment}",
            place.ProjectRef));

    /// <summary>What installing, upgrading or adopting would do, as the ledger is now.</summary>
    public static LedgerOutlook Outlook(
        LedgerInstall? install, TargetPlace place, BackfillEnvironment environment, bool adopt, bool sandbox, int newestSchema) => new(
            InstallRefusal(install, place, environment, adopt, sandbox, newestSchema) is not null ? LedgerAction.Refuse
                : install is null ? LedgerAction.Install
                : adopt ? LedgerAction.Adopt
                : install.SchemaVersion < newestSchema ? LedgerAction.Upgrade
                : LedgerAction.Keep,
            install?.Environment,
            install?.ProjectRef,
            InstallRefusal(install, place, environment, adopt, sandbox, newestSchema));

    /// <summary>What a ledger that was just written says otherwise than was asked; null where it is as asked.</summary>
    public static BackfillException? WriteFailure(
        LedgerInstall? install, TargetPlace place, BackfillEnvironment environment, int newestSchema) =>
        install is not null && IsOwn(install, place) && install.Environment == environment && install.SchemaVersion == newestSchema
            ? null
            : new(
            "LedgerNotWritten",
            BackfillErrorKind.InvalidState,
            $"The ledger of project {place.ProjectRef} did not keep what was written: it says {Said(install)}. "
            + "Look for a trigger or a rule on backfill.install, then try again.",
            place.ProjectRef);

    private static string Said(LedgerInstall? install) =>
        install is null ? "nothing" : $"{Lower(install.Environment)} of project {install.ProjectRef}";

    private static bool IsCopy(LedgerInstall install, TargetPlace place) =>
        install.DatabaseOid != place.Facts.DatabaseOid
        // A role that can't read the cluster's identifier goes by the project, which the database's address names.
        || (place.Facts.SystemIdentifier is { } identifier
            && install.SystemIdentifier != identifier
            && !TargetPlace.IsUnknownCluster(install.SystemIdentifier));

    private static BackfillException NothingToAdopt(LedgerInstall install, TargetPlace place) => new(
        "LedgerNotAdopted",
        BackfillErrorKind.InvalidState,
        $"The ledger of project {place.ProjectRef} ({Lower(install.Environment)}) is in its own place, so there is nothing to adopt. "
        + $"Leave -Adopt out: Initialize-BackfillLedger -Environment {install.Environment}",
        place.ProjectRef);

    private static BackfillException NotInstalled(TargetPlace place, BackfillEnvironment? expected) => new(
        "LedgerNotInstalled",
        BackfillErrorKind.NotInstalled,
        $"No ledger is installed in database '{place.Facts.Database}' of project {place.ProjectRef}. "
        + $"Install it once, as the owner of the tables: {Initialize(expected)}",
        place.ProjectRef);

    /// <summary>What a ledger in another place than its own is refused with: each part that differs has causes of its own.</summary>
    private static BackfillException? Foreign(LedgerInstall install, TargetPlace place, BackfillEnvironment? expected)
    {
        var (isOfProject, isOfDatabase) = (install.ProjectRef == place.ProjectRef, install.DatabaseOid == place.Facts.DatabaseOid);
        var adopt = $"{Initialize(expected)} -Adopt";
        if (!IsCopy(install, place))
        {
            return isOfProject ? null : new(
                "ProjectMismatch",
                BackfillErrorKind.Refused,
                $"API, keys and database are not of one project: the database's ledger says {install.ProjectRef} "
                + $"({Lower(install.Environment)}), {place.Identity}. Take all settings from one project. "
                + $"After a backup was restored here, adopt the ledger: {adopt}",
                place.ProjectRef);
        }

        var what = (isOfProject, isOfDatabase) switch
        {
            (true, true) => "on another server (upgraded, or loaded from a dump)",
            (true, false) => "in another database (created again, or a copy)",
            (false, true) => "on another server (it came with a dump)",
            (false, false) => "in another database (it came with a copy)",
        };
        return new(
            "LedgerIsCopy",
            BackfillErrorKind.Refused,
            $"The ledger of project {place.ProjectRef} was installed for {Lower(install.Environment)} project {install.ProjectRef}, {what}. "
            + $"If it is a target of its own, adopt the ledger: {adopt}",
            place.ProjectRef);
    }

    private static BackfillException? OtherEnvironment(LedgerInstall install, TargetPlace place, BackfillEnvironment? expected) =>
        expected is null || expected == install.Environment ? null : new(
            "EnvironmentMismatch",
            BackfillErrorKind.Refused,
            $"The ledger of project {place.ProjectRef} says {Lower(install.Environment)}, not {Lower(expected.Value)}. "
            + $"Connect to the other project, or give -Environment {install.Environment}.",
            place.ProjectRef);

    private static BackfillException? OtherSchema(LedgerInstall install, TargetPlace place, int newest) =>
        install.SchemaVersion > newest
            ? new(
                "LedgerTooNew",
                BackfillErrorKind.InvalidState,
                $"The ledger of project {place.ProjectRef} has schema {install.SchemaVersion}, but this module knows only {newest}. "
                + "Use a newer version of the module.",
                place.ProjectRef)
        : install.SchemaVersion < newest
            ? new(
                "LedgerOutdated",
                BackfillErrorKind.InvalidState,
                $"The ledger of project {place.ProjectRef} has schema {install.SchemaVersion}, but this module needs {newest}. "
                + $"Upgrade it when no older module works on it: Initialize-BackfillLedger -Environment {install.Environment}",
                place.ProjectRef)
        : null;

    /// <summary>The command that makes this place's ledger its own; it asks for the environment where nobody has said.</summary>
    private static string Initialize(BackfillEnvironment? expected) =>
        $"Initialize-BackfillLedger{(expected is { } known ? $" -Environment {known}" : "")}";

#pragma warning disable CA1308 // Labels are written in lower case everywhere: plan, ledger, messages.
    private static string Lower(BackfillEnvironment environment) => environment.ToString().ToLowerInvariant();
#pragma warning restore CA1308
}
