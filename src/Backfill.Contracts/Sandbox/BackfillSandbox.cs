namespace Backfill;

/// <summary>A disposable target on this machine, to rehearse on.</summary>
/// <remarks>Its keys are plain strings: they open nothing but this sandbox, and die with it. No view shows them.</remarks>
/// <param name="control">What its faults and its traffic are set through.</param>
public sealed class BackfillSandbox(SandboxAddress control)
{
    private readonly SandboxAddress _control = control;

    /// <summary>The database, as its owner.</summary>
    public required string DatabaseUrl { get; init; }

    /// <summary>The API's address.</summary>
    public required string ApiUrl { get; init; }

    /// <summary>The service role's key.</summary>
    public required string ServiceRoleKey { get; init; }

    /// <summary>The anonymous key.</summary>
    public required string AnonKey { get; init; }

    /// <summary>What it poses as.</summary>
    public required BackfillEnvironment Environment { get; init; }

    /// <summary>The process that holds it.</summary>
    public required int ProcessId { get; init; }

    /// <summary>Where its data lies until it stops.</summary>
    public required string DataPath { get; init; }

    /// <summary>PostgreSQL's version.</summary>
    public required string ServerVersion { get; init; }

    /// <summary>Simulated seconds a real second; 1: its time is the real one.</summary>
    public double ClockFactor { get; init; } = 1;

    /// <summary>The project it poses as.</summary>
    public required string ProjectRef { get; init; }

    /// <summary>The version of the real system that it plays: the day of its schema, for example <c>2025-10-04</c>.</summary>
    public string Era { get; init; } = "";

    /// <summary>What its faults and its traffic are set through. No property, so that no view shows the key.</summary>
    /// <returns>Address and key.</returns>
    public SandboxAddress GetControl() => _control;

    /// <summary>Environment and process.</summary>
    /// <returns>For example <c>sandbox Staging (process 4711)</c>.</returns>
    public override string ToString() =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"sandbox {Environment} (process {ProcessId})");
}

/// <summary>The function server's control plane: its call log, its faults, its traffic.</summary>
/// <param name="Url">Its own address. It answers also while the API is unreachable.</param>
/// <param name="Key">What opens it.</param>
public sealed record SandboxAddress(string Url, string Key);
