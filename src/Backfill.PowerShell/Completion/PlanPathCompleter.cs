using System.Collections;
using System.Diagnostics;
using System.Management.Automation;
using System.Management.Automation.Language;

namespace Backfill.PowerShell.Completion;

/// <summary>Completes the paths of plans: folders, and those .json files that look like a plan.</summary>
public sealed class PlanPathCompleter : IArgumentCompleter
{
    /// <summary>A folder on a dead share is given up then; what was found by then is not shown in part.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);

    /// <summary>After that, a .json file is offered without a look into it.</summary>
    private static readonly TimeSpan Looking = TimeSpan.FromMilliseconds(100);

    /// <summary>Offers paths for what was typed.</summary>
    /// <param name="commandName">The command.</param>
    /// <param name="parameterName">The parameter.</param>
    /// <param name="wordToComplete">What was typed so far.</param>
    /// <param name="commandAst">The command line.</param>
    /// <param name="fakeBoundParameters">Parameters before it.</param>
    /// <returns>The paths.</returns>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var typed = QuotedText.Typed(wordToComplete);
            var end = typed.LastIndexOfAny(['/', Path.DirectorySeparatorChar]) + 1;
            // As the shell does it: what is offered is a path at first sight.
            var shown = end == 0 ? $".{Path.DirectorySeparatorChar}" : typed[..end];
            var folder = Resolve(end == 0 ? "." : typed[..end]);
            var finding = Task.Run(() => Find(folder, typed[end..]));
            return !finding.Wait(Patience) ? []
                :
                [
                    .. finding.Result.Select(i => new CompletionResult(
                        QuotedText.Of(shown + i.Name, wordToComplete),
                        i.Name,
                        i is DirectoryInfo ? CompletionResultType.ProviderContainer : CompletionResultType.ProviderItem,
                        i.FullName)),
                ];
        }
#pragma warning disable CA1031 // A key that is pressed never gives an error.
        catch (Exception)
#pragma warning restore CA1031
        {
            return [];
        }
    }

    /// <summary>As the runspace has it: its current folder, drives and home.</summary>
    internal static string Resolve(string path)
    {
        using var shell = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
        return shell
            .AddScript("param($Path) $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)", useLocalScope: true)
            .AddArgument(path)
            .Invoke<string>()[0];
    }

    private static List<FileSystemInfo> Find(string folder, string name)
    {
        var clock = Stopwatch.StartNew();
        var isHidden = name.StartsWith('.');
        return
        [
            .. new DirectoryInfo(folder).EnumerateFileSystemInfos()
                .Where(i => i.Name.StartsWith(name, StringComparison.OrdinalIgnoreCase) && (isHidden || !i.Name.StartsWith('.')))
                .Where(i => i is DirectoryInfo
                    || (i.Extension.Equals(".json", StringComparison.OrdinalIgnoreCase)
                    && (clock.Elapsed > Looking || PlanLook.IsPlan(i.FullName))))
                .OrderBy(i => i.Name, StringComparer.OrdinalIgnoreCase),
        ];
    }
}
