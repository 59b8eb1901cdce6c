using System.Xml.Linq;
using Backfill.Help.Facts;
using Backfill.Help.Pages;

namespace Backfill.Help.Output;

/// <summary>Writes help as <c>Get-Help</c> reads it: MAML, in the dialect of PowerShell's command help.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Items = "http://msh";
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    /// <param name="topics">The cmdlets.</param>
    /// <param name="online">
    /// What <c>Get-Help -Online</c> opens, and <c>HelpUri</c> is: the first link that has an address. Null where there is none.
    /// </param>
    public static XDocument Write(IEnumerable<HelpTopic> topics, Uri? online) => new(new XElement(
        Items + "helpItems",
        new XAttribute("schema", "maml"),
        new XAttribute(XNamespace.Xmlns + "maml", Maml),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        topics.Select(t => Write(t, online))));

    private static XElement Write(HelpTopic topic, Uri? online)
    {
        var (facts, page, _) = topic;
        var dash = facts.Name.IndexOf('-', StringComparison.Ordinal);
        return new(
            Command + "command",
            new XElement(
                Command + "details",
                new XElement(Command + "name", facts.Name),
                new XElement(Maml + "description", Paragraphs([page.Synopsis])),
                new XElement(Command + "verb", facts.Name[..dash]),
                new XElement(Command + "noun", facts.Name[(dash + 1)..])),
            new XElement(Maml + "description", Paragraphs(page.Description)),
            new XElement(Command + "syntax", facts.Syntaxes.Select(s => Syntax(topic, s))),
            new XElement(Command + "parameters", facts.Parameters.Select(p => Parameter(topic, p))),
            new XElement(Command + "inputTypes", Inputs(facts).Select(i => Typed("inputType", i.Name, [i.Text]))),
            new XElement(Command + "returnValues", Outputs(facts, page)),
            page.Notes.Count == 0 ? null : new XElement(Maml + "alertSet", new XElement(Maml + "alert", Paragraphs(page.Notes))),
            new XElement(Command + "examples", page.Examples.Select((e, i) => Example(page, e, i))),
            new XElement(
                Command + "relatedLinks",
                online is null ? null : Link("Online version:", online.ToString()),
                page.Related.Select(r => Link(r, ""))));
    }

    private static XElement Link(string text, string uri) =>
        new(Maml + "navigationLink", new XElement(Maml + "linkText", text), new XElement(Maml + "uri", uri));

    private static XElement Syntax(HelpTopic topic, IReadOnlyList<ParameterFacts> set) => new(
        Command + "syntaxItem",
        new XElement(Maml + "name", topic.Facts.Name),
        set.Select(p => new XElement(
            Command + "parameter",
            Attributes(p),
            new XElement(Maml + "name", p.Name),
            p.IsSwitch ? null : ValueName(p),
            p.Values.Count == 0 ? null : new XElement(
                Command + "parameterValueGroup",
                p.Values.Select(v => new XElement(Command + "parameterValue", new XAttribute("required", false), v))))));

    private static XElement Parameter(HelpTopic topic, ParameterFacts parameter) => new(
        Command + "parameter",
        Attributes(parameter),
        new XElement(Maml + "name", parameter.Name),
        new XElement(Maml + "description", Paragraphs(Description(topic, parameter))),
        ValueName(parameter),
        new XElement(Dev + "type", new XElement(Maml + "name", parameter.TypeName), new XElement(Maml + "uri")),
        new XElement(Dev + "defaultValue", topic.DefaultOf(parameter) ?? (parameter.IsSwitch ? "False" : "None")));

    private static IEnumerable<string> Description(HelpTopic topic, ParameterFacts parameter)
    {
        var item = topic.About(parameter.Name)!;
        return parameter.Values.Count == 0 || item.Values.Count > 0
            ? item.Paragraphs
            : [.. item.Paragraphs, $"Values: {string.Join(", ", parameter.Values)}."];
    }

    private static XAttribute[] Attributes(ParameterFacts p) =>
    [
        new("required", p.IsMandatory),
        new("variableLength", p.IsArray),
        new("globbing", p.TakesWildcards),
        new("pipelineInput", (p.ByValue, p.ByPropertyName) switch
        {
            (true, true) => "True (ByValue, ByPropertyName)",
            (true, false) => "True (ByValue)",
            (false, true) => "True (ByPropertyName)",
            _ => "False",
        }),
        new("position", p.Position?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "named"),
        new("aliases", p.Aliases.Count == 0 ? "none" : string.Join(", ", p.Aliases)),
    ];

    private static XElement ValueName(ParameterFacts p) => new(
        Command + "parameterValue",
        new XAttribute("required", !p.IsSwitch),
        new XAttribute("variableLength", p.IsArray),
        p.TypeName);

    /// <summary>What the pipeline may bring: it is in the attributes, so nobody writes it down.</summary>
    private static List<(string Name, string Text)> Inputs(CmdletFacts facts)
    {
        var any = facts.Syntaxes.SelectMany(s => s).ToList();
        var byValue = any.Where(p => p.ByValue).DistinctBy(p => p.Name)
            .Select(p => (Name: p.TypeFullName, Text: $"Binds to -{p.Name}.")).ToList();
        var byName = any.Where(p => p.ByPropertyName).Select(p => p.Name).Distinct().ToList();
        if (byName.Count > 0)
            byValue.Add(("System.Management.Automation.PSObject", $"Binds by the names of its properties: {string.Join(", ", byName)}."));
        return byValue.Count > 0 ? byValue : [("None", "Nothing is taken from the pipeline.")];
    }

    private static IEnumerable<XElement> Outputs(CmdletFacts facts, CmdletPage page) => facts.OutputTypes.Count == 0
        ? [Typed("returnValue", "None", ["Nothing is emitted."])]
        : facts.OutputTypes.Select(t => Typed("returnValue", t, page.Outputs.First(o => o.Name == HelpRules.ShortName(t)).Paragraphs));

    private static XElement Typed(string element, string type, IEnumerable<string> text) => new(
        Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type), new XElement(Maml + "uri")),
        new XElement(Maml + "description", Paragraphs(text)));

    private static XElement Example(CmdletPage page, HelpExample example, int index) => new(
        Command + "example",
        new XElement(Maml + "title", $"--------- Example {index + 1}: {example.Title} ---------"),
        new XElement(Dev + "code", example.Code),
        // Without an empty paragraph at its end, the next title would follow on the heels of the text.
        new XElement(Dev + "remarks", Paragraphs([.. example.Remarks, .. index == page.Examples.Count - 1 ? Beginning(page) : [], ""])));

    private static string[] Beginning(CmdletPage page) => page.StartsItsOwnSandbox
        ? []
        : ["The examples continue with the sandbox, the plan and the run of about_Backfill, section A PLACE TO TRY IT."];

    private static IEnumerable<XElement> Paragraphs(IEnumerable<string> texts) => texts.Select(t => new XElement(Maml + "para", t));
}
