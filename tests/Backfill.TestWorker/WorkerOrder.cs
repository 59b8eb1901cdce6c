using System.Globalization;
using Backfill.Engine.Rollback;

namespace Backfill.TestWorker;

/// <summary>What the command line asks for: <c>--run id --out path [--kill point:n] [--verb rollback|soak] [--through folder]</c>.</summary>
/// <param name="RunId">The run to work on; its settings are the ledger's.</param>
/// <param name="OutputPath">Where the artifacts go.</param>
/// <param name="KillAt">The point at which the process kills itself; null for none.</param>
/// <param name="KillAfter">At which occurrence of it, from 1.</param>
/// <param name="Verb">What is done with it: <c>apply</c>, <c>rollback</c> or <c>soak</c>.</param>
/// <param name="Through">Where the sockets are that lead out of the worker's network namespace; null where it has none of its own.</param>
internal sealed record WorkerOrder(Guid RunId, string OutputPath, string? KillAt, int KillAfter, string Verb, string? Through)
{
    public static WorkerOrder Parse(string[] args)
    {
        var given = args.Chunk(2).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        var kill = given.GetValueOrDefault("--kill")?.Split(':');
        return new(
            Guid.Parse(given["--run"]),
            given["--out"],
            kill?[0],
            kill is null ? 0 : int.Parse(kill[1], CultureInfo.InvariantCulture),
            given.GetValueOrDefault("--verb", "apply"),
            given.GetValueOrDefault("--through"));
    }

    public RollbackOrder ToRollback() => new(Guid.CreateVersion7(), new(RunId), BackfillConflictRule.Stop, "worker@there", "a test");

    public ApplyRequest ToRequest() => new() { RunId = RunId, OutputPath = OutputPath };

    public SoakRequest ToSoak() => new() { RunId = RunId, OutputPath = OutputPath };
}

/// <summary>What opens the target and the sandbox's call log.</summary>
/// <param name="ApiUrl">The API.</param>
/// <param name="ServiceRoleKey">Its key.</param>
/// <param name="DatabaseUrl">The database.</param>
/// <param name="ProjectRef">The project.</param>
/// <param name="ControlKey">The key of the sandbox's control plane.</param>
internal sealed record WorkerSecrets(string ApiUrl, string ServiceRoleKey, string DatabaseUrl, string ProjectRef, string ControlKey)
{
    public ConnectionOptions ToOptions() => new()
    {
        ApiUrl = ApiUrl,
        ServiceRoleKey = ServiceRoleKey,
        DatabaseUrl = DatabaseUrl,
        ProjectRef = ProjectRef,
    };
}
