namespace Backfill.Sandbox.Control;

/// <summary>What the sandbox is; no secret in it.</summary>
internal sealed record SandboxInfo(
    string Environment, string ProjectRef, int ProcessId, int PostgresProcessId, int PostgresPort, string DataPath, string ServerVersion,
    int Seed, int Candidates, int Sessions, DateTimeOffset StartedAt,
    DateTimeOffset ClockOrigin, decimal ClockFactor, string Era);
