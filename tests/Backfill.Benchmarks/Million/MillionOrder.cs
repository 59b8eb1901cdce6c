namespace Backfill.Benchmarks.Million;

/// <summary>What a child process is to do; on its standard input, because it holds keys.</summary>
/// <param name="Target">The sandbox.</param>
/// <param name="Sessions">A new run of so many sessions; or null.</param>
/// <param name="RunId">The run to go on with; or null.</param>
/// <param name="Settled">It is stopped after so many sessions.</param>
internal sealed record MillionOrder(Engine.Tests.Sandbox.SandboxInfo Target, int? Sessions, Guid? RunId, int Settled);

/// <summary>What a child process says at its end.</summary>
/// <param name="RunId">The run.</param>
/// <param name="ConnectedAt">When the target was open.</param>
/// <param name="StartedAt">When the run was frozen or opened, and its worker registered.</param>
/// <param name="PeakBytes">The most that the process ever had resident.</param>
internal sealed record MillionReply(Guid RunId, DateTimeOffset ConnectedAt, DateTimeOffset StartedAt, long PeakBytes);
