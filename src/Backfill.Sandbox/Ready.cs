namespace Backfill.Sandbox;

/// <summary>The one line on standard output, in snake_case JSON: everything the parent needs, secrets included.</summary>
internal sealed record Ready
{
    /// <summary>As the project's owner, <c>postgres</c>, which is no superuser.</summary>
    public required string DatabaseUrl { get; init; }

    /// <summary>As <c>supabase_admin</c>: for tests that must look or break where an owner cannot.</summary>
    public required string SuperuserDatabaseUrl { get; init; }

    public required string ApiUrl { get; init; }

    public required string ServiceRoleKey { get; init; }

    public required string AnonKey { get; init; }

    public required string Environment { get; init; }

    public required string ProjectRef { get; init; }

    public required int ProcessId { get; init; }

    /// <summary>The folder of everything; gone when the sandbox is.</summary>
    public required string DataPath { get; init; }

    public required string ServerVersion { get; init; }

    /// <summary>Simulated seconds a real second.</summary>
    public required decimal ClockFactor { get; init; }

    /// <summary>Which version of the real system it is.</summary>
    public required string Era { get; init; }

    public required string ControlKey { get; init; }

    /// <summary>The control plane's own address. It answers also while the API is unreachable.</summary>
    public required string ControlUrl { get; init; }
}
