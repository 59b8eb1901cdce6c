using System.Runtime.CompilerServices;
using Backfill.Engine;
using Backfill.Engine.Sandboxes;

namespace Backfill.PowerShell.Isolation;

/// <summary>
/// The only way into Backfill.Engine. Its types stand in method bodies alone, so nothing of it is loaded before the first call;
/// inlining would move that moment into the caller.
/// </summary>
internal static class EngineGateway
{
    private static readonly Lazy<IBackfillEngine> TheEngine = new(NewEngine);
    private static readonly Lazy<ISandboxControl> TheSandboxes = new(NewSandboxes);

    public static IBackfillEngine Engine => TheEngine.Value;

    public static ISandboxControl Sandboxes => TheSandboxes.Value;

#pragma warning disable CA1859 // A type of the engine in a signature would load it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IBackfillEngine NewEngine() => new BackfillEngine();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ISandboxControl NewSandboxes() => new SandboxControlPlane();
#pragma warning restore CA1859
}
