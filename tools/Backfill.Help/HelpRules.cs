using Backfill.Help.Facts;
using Backfill.Help.Pages;

namespace Backfill.Help;

/// <summary>Holds what is written against what is there. Pure.</summary>
internal static class HelpRules
{
    private const int FewestExamples = 2;

    public static IEnumerable<HelpProblem> Check(
        IReadOnlyList<CmdletFacts> cmdlets,
        IReadOnlyList<CmdletPage> pages,
        IReadOnlyList<HelpItem> shared,
        IReadOnlyList<string> abouts,
        string folder)
    {
        foreach (var name in cmdlets.Select(c => c.Name).Except(pages.Select(p => p.Name)))
            yield return new($"{folder}/{name}.md", 1, $"{name} has no page. Write one.");
        foreach (var page in pages)
        {
            if (Path.GetFileNameWithoutExtension(page.Place.File) != page.Name)
                yield return page.Place.Problem($"The title is '{page.Name}', and the file is named otherwise.");
            if (cmdlets.FirstOrDefault(c => c.Name == page.Name) is not { } facts)
            {
                yield return page.Place.Problem($"There is no cmdlet {page.Name} in the module.");
                continue;
            }

            foreach (var problem in Check(new HelpTopic(facts, page, shared), [.. cmdlets.Select(c => c.Name), .. abouts]))
                yield return problem;
        }

        foreach (var unused in shared.Where(s => !cmdlets.Any(c => c.Parameters.Any(p => p.Name == s.Name))))
            yield return unused.Place.Problem($"No cmdlet has a parameter -{unused.Name}.");
    }

    public static IEnumerable<HelpProblem> Check(HelpTopic topic, IReadOnlyCollection<string> links)
    {
        var (facts, page, _) = topic;
        return ParametersOf(topic)
            .Concat(Unmatched(page.Parameters, facts.Parameters.Select(p => p.Name), n => $"{facts.Name} has no parameter -{n}."))
            .Concat(Unmatched(page.Outputs, facts.OutputTypes.Select(ShortName), n => $"{facts.Name} does not emit {n}."))
            .Concat(facts.OutputTypes.Select(ShortName).Except(page.Outputs.Select(o => o.Name))
                .Select(n => page.OutputsPlace.Problem($"Nothing is said about {n}, which {facts.Name} emits: ### {n} under ## Outputs.")))
            .Concat(page.Examples.Count >= FewestExamples ? [] : [page.Place.Problem($"At least {FewestExamples} examples are needed.")])
            .Concat(page.Related.Except(links).Select(l => page.Place.Problem($"Related: '{l}' is neither a cmdlet nor an about page.")));
    }

    /// <summary>A type as an operator names it.</summary>
    public static string ShortName(string type) => type[(type.LastIndexOf('.') + 1)..];

    private static IEnumerable<HelpProblem> ParametersOf(HelpTopic topic)
    {
        foreach (var parameter in topic.Facts.Parameters)
        {
            if (topic.About(parameter.Name) is not { } item)
            {
                yield return topic.Page.ParametersPlace.Problem(
                    $"Nothing is said about -{parameter.Name}: ### -{parameter.Name} under ## Parameters.");
                continue;
            }

            // What the text and the code both say, they will one day say differently.
            if (item.Default is not null && parameter.Default is { } known)
                yield return item.Place.Problem($"The default of -{item.Name} is known to be {known}; leave 'Default:' out.");
            if (item.Default is not null && parameter.IsMandatory)
                yield return item.Place.Problem($"-{item.Name} is mandatory, so it has no default.");
            if (item.Values.Count > 0 && parameter.Values.Count > 0 && !item.Values.SequenceEqual(parameter.Values))
                yield return item.Place.Problem($"The values of -{item.Name} are, in this order: {string.Join(", ", parameter.Values)}.");
        }
    }

    private static IEnumerable<HelpProblem> Unmatched(
        IReadOnlyList<HelpItem> items, IEnumerable<string> names, Func<string, string> message)
    {
        var known = names.ToHashSet();
        var seen = new HashSet<string>();
        foreach (var item in items)
        {
            if (!known.Contains(item.Name))
                yield return item.Place.Problem(message(item.Name));
            else if (!seen.Add(item.Name))
                yield return item.Place.Problem($"{item.Name} is written about twice.");
        }
    }
}
