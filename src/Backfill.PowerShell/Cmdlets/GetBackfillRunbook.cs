using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Errors;
using Backfill.PowerShell.Parameters;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Lists the files that come with the module to be read and adapted, or copies them: runbooks, a plan, its schema, monitoring.
/// </summary>
[Cmdlet(VerbsCommon.Get, "BackfillRunbook")]
[OutputType(typeof(FileInfo))]
public sealed class GetBackfillRunbookCommand : AsyncCmdlet
{
    /// <summary>The files, with or without their extension; wildcards are allowed. By default all of them.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(RunbookCompleter))]
    public string[] Name { get; set; } = ["*"];

    /// <summary>The folder that they are copied to; it's made where it isn't there. Without it they are only listed.</summary>
    [Parameter(Position = 1)]
    [ValidateNotNullOrEmpty]
    public string? Destination { get; set; }

    /// <summary>Overwrites files that are there.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var folder = Destination is null ? null : FilePaths.Literal(SessionState, Destination);
        var shown = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in Name)
        {
            var found = Runbooks.Find(name);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(ErrorRecords.Of(Runbooks.NotFound(name)));
            foreach (var file in found.Where(f => shown.Add(f.Name)))
            {
                try
                {
                    WriteObject(folder is null ? file : Runbooks.Copy(file, folder, Force));
                }
                catch (BackfillException e)
                {
                    WriteError(ErrorRecords.Of(e));
                }
            }
        }
    }
}
