using System.Management.Automation;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Parameters;

/// <summary>Takes a sandbox that this runspace has started by its name: its environment, its project or its process.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class SandboxTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
            {
                string name => RunningSandboxes.OfThisRunspace.Find(name),
                int process => RunningSandboxes.OfThisRunspace.Find(FormattableString.Invariant($"{process}")),
                _ => inputData,
            };
        }
        catch (BackfillException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }
}
