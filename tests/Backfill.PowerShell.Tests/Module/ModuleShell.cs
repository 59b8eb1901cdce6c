namespace Backfill.PowerShell.Tests.Module;

/// <summary>Runs scripts in a shell that has imported the staged module, away from this machine's own settings.</summary>
internal static class ModuleShell
{
    public static string Manifest { get; } = Path.Combine(Repository.ModuleFolder, "Backfill.PowerShell.psd1");

    public static string ApplyPlan { get; } = Path.Combine(Repository.Root, "plans", "backfill_apply.plan.json");

    /// <summary>Begins every script: errors end it; <c>Id</c> gives a block's error id, or <c>(none)</c>; <c>Enter</c> goes to a place.</summary>
    public static string Prelude { get; } = $$"""
        $ErrorActionPreference = 'Stop'
        function Id([scriptblock] $Block) { try { $null = & $Block; '(none)' } catch { $_.FullyQualifiedErrorId.Split(',')[0] } }
        function Enter([string] $Path) { $null = $ExecutionContext.SessionState.Path.SetLocation($Path) }
        Import-Module '{{Manifest}}'

        """;

    public static async Task<IReadOnlyList<string>> RunAsync(
        string script, IReadOnlyDictionary<string, string?>? settings = null, TimeSpan? timeout = null)
    {
        var result = await ShellProcess.RunAsync(Prelude + script, environment: settings ?? NoSettings, timeout: timeout);
        result.Succeeded();
        return result.Lines;
    }

    public static IReadOnlyDictionary<string, string?> NoSettings { get; } = new Dictionary<string, string?>
    {
        ["SUPABASE_URL"] = null,
        ["SUPABASE_SERVICE_ROLE_KEY"] = null,
        ["SUPABASE_ANON_KEY"] = null,
        ["SUPABASE_DB_URL"] = null,
    };
}
