using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

public class LedgerJudgeTests
{
    private static readonly LedgerInstall Ledger = new(BackfillEnvironment.Production, Guid.NewGuid(), "7001", 5, "abc", false, 3);

    [Fact]
    public void A_target_s_own_ledger_is_taken() => Assert.Null(Refusal(Ledger));

    [Fact]
    public void Where_none_is_installed_the_command_is_named() =>
        AssertRefused(Refusal(null, BackfillEnvironment.Staging), "LedgerNotInstalled", "Initialize-BackfillLedger -Environment Staging");

    [Fact]
    public void Another_environment_than_asked_for_is_refused() =>
        AssertRefused(Refusal(Ledger, BackfillEnvironment.Staging), "EnvironmentMismatch", "says production, not staging");

    [Fact]
    public void A_ledger_under_another_cluster_or_database_is_a_copy()
    {
        AssertRefused(Refusal(Ledger with { SystemIdentifier = "7002" }), "LedgerIsCopy", "-Adopt");
        AssertRefused(Refusal(Ledger with { DatabaseOid = 6 }), "LedgerIsCopy", "-Adopt");
    }

    [Theory]
    [InlineData("7002", 5L, "abc", "on another server (upgraded, or loaded from a dump)")]
    [InlineData("7001", 6L, "abc", "created again")]
    [InlineData("7002", 5L, "xyz", "on another server (it came with a dump)")]
    [InlineData("7001", 6L, "xyz", "in another database (it came with a copy)")]
    [InlineData("7001", 5L, "xyz", "After a backup was restored here, adopt the ledger")]
    public void A_ledger_elsewhere_is_told_as_what_it_is(string cluster, long database, string project, string words) =>
        AssertRefused(
            Refusal(Ledger with { SystemIdentifier = cluster, DatabaseOid = database, ProjectRef = project }),
            cluster == "7001" && database == 5 ? "ProjectMismatch" : "LedgerIsCopy",
            words);

    // A physical restore keeps cluster identifier and oid; only the project tells it from the original.
    [Fact]
    public void A_ledger_of_another_project_is_refused() =>
        AssertRefused(Refusal(Ledger with { ProjectRef = "xyz" }), "ProjectMismatch", "ledger says xyz");

    [Fact]
    public void A_ledger_of_another_schema_is_refused()
    {
        AssertRefused(Refusal(Ledger with { SchemaVersion = 4 }), "LedgerTooNew", "newer version of the module");
        AssertRefused(Refusal(Ledger with { SchemaVersion = 2 }), "LedgerOutdated", "Initialize-BackfillLedger -Environment Production");
    }

    [Fact]
    public void Without_the_cluster_s_identifier_project_and_database_decide()
    {
        var place = Place(identifier: null);

        Assert.Null(LedgerJudge.Refusal(Ledger, place, null, 3));
        AssertRefused(LedgerJudge.Refusal(Ledger with { DatabaseOid = 6 }, place, null, 3), "LedgerIsCopy", "-Adopt");
    }

    [Fact]
    public void Without_the_cluster_s_identifier_and_a_project_in_the_database_s_address_nothing_is_sure()
    {
        AssertRefused(Place(identifier: null, host: "127.0.0.1").Refusal(), "SystemIdentifierUnreadable", "GRANT EXECUTE");
        Assert.Null(Place(identifier: null).Refusal());
        Assert.Null(Place(host: "127.0.0.1").Refusal());
    }

    [Fact]
    public void A_copy_may_be_adopted_under_a_new_label_and_only_then()
    {
        var copy = Ledger with { SystemIdentifier = "7002" };

        AssertRefused(Install(copy, BackfillEnvironment.Staging, adopt: false), "LedgerIsCopy", "-Environment Staging -Adopt");
        Assert.Null(Install(copy, BackfillEnvironment.Staging, adopt: true));
    }

    [Fact]
    public void Whichever_part_of_the_fingerprint_differs_the_ledger_may_be_adopted()
    {
        foreach (var other in new[]
        {
            Ledger with { SystemIdentifier = "7002" }, Ledger with { DatabaseOid = 6 }, Ledger with { ProjectRef = "xyz" }, Ledger with { IsSandbox = true },
        })
            Assert.Null(Install(other, BackfillEnvironment.Staging, adopt: true));
        Assert.Null(LedgerJudge.InstallRefusal(Ledger, Place(), BackfillEnvironment.Staging, adopt: true, sandbox: true, 3));
    }

    [Fact]
    public void Where_nothing_differs_there_is_nothing_to_adopt() =>
        AssertRefused(
            Install(Ledger, BackfillEnvironment.Production, adopt: true), "LedgerNotAdopted", "Initialize-BackfillLedger -Environment Production");

    [Fact]
    public void A_ledger_of_a_newer_module_is_not_adopted_either() =>
        AssertRefused(
            Install(Ledger with { SchemaVersion = 4, ProjectRef = "xyz" }, BackfillEnvironment.Production, adopt: true), "LedgerTooNew", "newer version");

    [Fact]
    public void A_refusal_to_work_on_another_server_s_ledger_names_upgrades() =>
        AssertRefused(Refusal(Ledger with { SystemIdentifier = "7002" }), "LedgerIsCopy", "upgraded, or loaded from a dump");

    [Fact]
    public void A_ledger_of_a_role_that_could_not_read_the_cluster_s_identifier_is_taken_by_one_that_can()
    {
        var unknown = Ledger with { SystemIdentifier = Place(identifier: null).Cluster };

        Assert.Null(Refusal(unknown));
        AssertRefused(Refusal(unknown with { DatabaseOid = 6 }), "LedgerIsCopy", "-Adopt");
        AssertRefused(Refusal(unknown with { ProjectRef = "xyz" }), "ProjectMismatch", "ledger says xyz");
    }

    [Fact]
    public void A_ledger_in_its_own_place_never_changes_its_label()
    {
        AssertRefused(Install(Ledger, BackfillEnvironment.Staging, adopt: true), "EnvironmentMismatch", "production");
        Assert.Null(Install(Ledger, BackfillEnvironment.Production, adopt: false));
        Assert.Null(Install(null, BackfillEnvironment.Production, adopt: false));
        Assert.Null(Install(null, BackfillEnvironment.Production, adopt: true));
    }

    [Fact]
    public void An_unfit_database_is_refused()
    {
        var place = Place();
        AssertRefused((place with { Facts = place.Facts with { VersionNumber = 140012, Version = "14.12" } }).Refusal(), "ServerTooOld", "14.12");
        AssertRefused((place with { Facts = place.Facts with { IsReplica = true } }).Refusal(), "DatabaseReadOnly", "primary");
        AssertRefused((place with { Facts = place.Facts with { MissingTables = ["public.profiles"] } }).Refusal(), "TablesMissing", "public.profiles");
    }

    private static BackfillException? Refusal(LedgerInstall? install, BackfillEnvironment? expected = null) =>
        LedgerJudge.Refusal(install, Place(), expected, 3);

    private static BackfillException? Install(LedgerInstall? install, BackfillEnvironment environment, bool adopt) =>
        LedgerJudge.InstallRefusal(install, Place(), environment, adopt, sandbox: false, 3);

    private static TargetPlace Place(string? identifier = "7001", string host = "db.abc.supabase.co") => new(
        new ServerFacts(150008, "15.8", "postgres", 5, "postgres", false, [], identifier),
        ProjectIdentity.Of(new Uri("https://abc.supabase.co"), null, null, PostgresUri.Parse($"postgresql://postgres:p@{host}/postgres"), null),
        "abc");

    private static void AssertRefused(BackfillException? error, string code, string words)
    {
        Assert.Equal(code, error?.Code);
        Assert.Contains(words, error!.Message, StringComparison.Ordinal);
    }
}
