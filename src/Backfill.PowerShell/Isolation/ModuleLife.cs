using System.Management.Automation;
using Backfill.PowerShell.Connections;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Isolation;

/// <summary>What happens when the module is imported, and when it is removed. Called by PowerShell, in each runspace.</summary>
public sealed class ModuleLife : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    // Once for the process and for good: the cmdlets' assembly can't be unloaded either.
    private static readonly Lazy<DependencyContext> Dependencies = new(() =>
        new DependencyContext(Path.Combine(Path.GetDirectoryName(typeof(ModuleLife).Assembly.Location)!, "Dependencies")));

    /// <summary>Installs the private context; loads nothing into it.</summary>
    public void OnImport() => _ = Dependencies.Value;

    /// <summary>Closes what this runspace has opened: its connections and its sandboxes.</summary>
    /// <param name="psModuleInfo">The module.</param>
    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        ConnectionTable.OfThisRunspace.CloseAll();
        RunningSandboxes.OfThisRunspace.StopAll();
    }
}
