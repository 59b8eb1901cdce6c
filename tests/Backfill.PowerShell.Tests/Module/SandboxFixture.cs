using Npgsql;

namespace Backfill.PowerShell.Tests.Module;

/// <summary>One staging sandbox for the tests of a collection, which run one after the other.</summary>
public sealed class SandboxFixture : IAsyncLifetime
{
    private ShellProcess? _shell;

    /// <summary>What a shell needs in its environment to connect.</summary>
    public IReadOnlyDictionary<string, string?> Settings { get; private set; } = ModuleShell.NoSettings;

    public async ValueTask InitializeAsync()
    {
        _shell = ShellProcess.Start(ModuleShell.Prelude + """
            $s = Start-BackfillSandbox
            "ready`t$($s.ApiUrl)`t$($s.ServiceRoleKey)`t$($s.AnonKey)`t$($s.DatabaseUrl)"
            while ($true) { [Threading.Thread]::Sleep(200) }
            """);
        var fields = (await _shell.WaitForLineAsync("ready\t")).Split('\t');
        Settings = new Dictionary<string, string?>
        {
            ["SUPABASE_URL"] = fields[1],
            ["SUPABASE_SERVICE_ROLE_KEY"] = fields[2],
            ["SUPABASE_ANON_KEY"] = fields[3],
            ["SUPABASE_DB_URL"] = fields[4],
        };
    }

    /// <summary>The address in <c>SUPABASE_DB_URL</c>.</summary>
    internal Uri DatabaseUrl => new(Settings["SUPABASE_DB_URL"]!);

    /// <summary>The sandbox's database itself, as its owner.</summary>
    internal NpgsqlDataSource OpenDatabase()
    {
        var user = DatabaseUrl.UserInfo.Split(':');
        return NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = DatabaseUrl.Host,
            Port = DatabaseUrl.Port,
            Database = DatabaseUrl.AbsolutePath.Trim('/'),
            Username = Uri.UnescapeDataString(user[0]),
            Password = Uri.UnescapeDataString(user[1]),
            Pooling = false,
        });
    }

    /// <summary>A script that is connected to the sandbox, in a folder.</summary>
    internal static string Script(TemporaryFolder folder, string script) =>
        $"{ModuleShell.Prelude}$WarningPreference = 'SilentlyContinue'\nEnter '{folder.FullName}'\n$c = Connect-Backfill\n{script}";

    /// <summary>Runs a script that is connected to the sandbox; gives its lines.</summary>
    internal async Task<IReadOnlyList<string>> RunAsync(TemporaryFolder folder, string script)
    {
        var result = await ShellProcess.RunAsync(Script(folder, script), environment: Settings);
        result.Succeeded();
        return result.Lines;
    }

    public async ValueTask DisposeAsync()
    {
        if (_shell is not null)
            await _shell.DisposeAsync();
    }
}

/// <summary>Tests that share a sandbox.</summary>
[CollectionDefinition(Name)]
public sealed class SandboxTests : ICollectionFixture<SandboxFixture>
{
    public const string Name = "Sandbox";
}
