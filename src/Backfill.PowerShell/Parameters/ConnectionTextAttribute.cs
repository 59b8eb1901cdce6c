using System.Management.Automation;
using Backfill.PowerShell.Connections;

namespace Backfill.PowerShell.Parameters;

/// <summary>
/// Takes an open connection by its name, as <c>Staging</c>. A copy of a connection (from a file, a job or another session) stands for the
/// open connection to the same target.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class ConnectionTextAttribute : ArgumentTransformationAttribute
{
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
    {
        try
        {
            return inputData switch
            {
                PSObject { BaseObject: string name } => ConnectionTable.OfThisRunspace.Find(name),
                string name => ConnectionTable.OfThisRunspace.Find(name),
                PSObject copy when Copies.IsOf<BackfillConnection>(copy) => Reconnected(copy),
                _ => inputData,
            };
        }
        catch (BackfillException e)
        {
            throw new ArgumentTransformationMetadataException(e.Message, e);
        }
    }

    private static BackfillConnection Reconnected(PSObject copy) =>
        ConnectionTable.OfThisRunspace.FindTarget(copy.Properties["Fingerprint"]?.Value as string)
        ?? throw new ArgumentTransformationMetadataException(
            $"This object was read through a connection to {copy}, and that target isn't connected here. Connect to it with Connect-Backfill, or name an open connection with -Connection.");
}
