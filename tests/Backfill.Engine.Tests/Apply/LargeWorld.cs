namespace Backfill.Engine.Tests.Apply;

/// <summary>A sandbox with enough sessions for more than two minutes at 1,200 a minute.</summary>
public sealed class LargeWorld : RunWorld, IAsyncLifetime
{
    protected override string[] SandboxArguments => ["--candidates", "2700"];

    protected override bool KeepsConnections => false;
}
