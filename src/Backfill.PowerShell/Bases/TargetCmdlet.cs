using System.Management.Automation;
using System.Security;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Bases;

/// <summary>A cmdlet that takes what opens a target, rather than an open connection.</summary>
public abstract class TargetCmdlet : AsyncCmdlet
{
    private protected const string SettingsSet = "Settings";
    private protected const string SandboxSet = "Sandbox";
    private protected const string ConnectionSet = "Connection";

    /// <summary>The project's API; by default <c>SUPABASE_URL</c>.</summary>
    [Parameter(ParameterSetName = SettingsSet)]
    [ValidateNotNullOrEmpty]
    public string? ApiUrl { get; set; }

    /// <summary>The service role's key; by default <c>SUPABASE_SERVICE_ROLE_KEY</c>.</summary>
    [Parameter(ParameterSetName = SettingsSet)]
    [ValidateNotNull]
    [Secret]
    public SecureString? ServiceRoleKey { get; set; }

    /// <summary>The anonymous key; by default <c>SUPABASE_ANON_KEY</c>.</summary>
    [Parameter(ParameterSetName = SettingsSet)]
    [ValidateNotNull]
    [Secret]
    public SecureString? AnonKey { get; set; }

    /// <summary>The database, as a <c>postgresql://</c> URI; by default <c>SUPABASE_DB_URL</c>.</summary>
    [Parameter(ParameterSetName = SettingsSet)]
    [ValidateNotNull]
    [Secret]
    public SecureString? DatabaseUrl { get; set; }

    /// <summary>The project, where the API's host does not name it.</summary>
    [Parameter(ParameterSetName = SettingsSet)]
    [ValidateNotNullOrEmpty]
    public string? ProjectRef { get; set; }

    /// <summary>A file that says which tables, columns and functions the target has; by default it is the system that is known.</summary>
    [Parameter(ParameterSetName = SettingsSet)]
    [Parameter(ParameterSetName = SandboxSet)]
    [ValidateNotNullOrEmpty]
    public string? TargetProfile { get; set; }

    /// <summary>A running sandbox, to take everything from.</summary>
    [Parameter(ParameterSetName = SandboxSet, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillSandbox), "Name the sandbox that this session has started: -Sandbox completes it.")]
    [SandboxText]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    public BackfillSandbox? Sandbox { get; set; }

    /// <summary>What the parameters say, and the environment's variables where they are silent.</summary>
    private protected ConnectionOptions Options() => Sandbox is { } sandbox ? SandboxStart.OptionsOf(sandbox, Naming, ProfilePath) : new()
    {
        NameInCommands = Naming,
        TargetProfile = ProfilePath,
        ApiUrl = ApiUrl ?? Variable("SUPABASE_URL"),
        ServiceRoleKey = SecretAttribute.Reveal(ServiceRoleKey) ?? Variable("SUPABASE_SERVICE_ROLE_KEY"),
        AnonKey = SecretAttribute.Reveal(AnonKey) ?? Variable("SUPABASE_ANON_KEY"),
        DatabaseUrl = SecretAttribute.Reveal(DatabaseUrl) ?? Variable("SUPABASE_DB_URL"),
        ProjectRef = ProjectRef,
    };

    private string? ProfilePath => TargetProfile is null ? null : FilePaths.Literal(SessionState, TargetProfile);

    /// <summary>Connections are named among those of this runspace.</summary>
    private static Func<BackfillConnection, string?> Naming => ConnectionTable.OfThisRunspace.NameInCommands;

    private static string? Variable(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}
