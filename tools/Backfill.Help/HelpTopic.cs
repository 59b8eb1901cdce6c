using Backfill.Help.Facts;
using Backfill.Help.Pages;

namespace Backfill.Help;

/// <summary>A cmdlet, the page written about it, and what is written once for all cmdlets.</summary>
/// <param name="Facts">What the engine says.</param>
/// <param name="Page">What the page says.</param>
/// <param name="Shared">Parameters that mean the same everywhere.</param>
internal sealed record HelpTopic(CmdletFacts Facts, CmdletPage Page, IReadOnlyList<HelpItem> Shared)
{
    /// <summary>What is written about a parameter: on its own page, otherwise for all; null if nowhere.</summary>
    public HelpItem? About(string parameter) =>
        Page.Parameters.FirstOrDefault(p => p.Name == parameter) ?? Shared.FirstOrDefault(p => p.Name == parameter);

    /// <summary>What holds without a parameter; null where that has no name.</summary>
    public string? DefaultOf(ParameterFacts parameter) =>
        parameter.IsMandatory ? null : About(parameter.Name)?.Default ?? parameter.Default;
}
