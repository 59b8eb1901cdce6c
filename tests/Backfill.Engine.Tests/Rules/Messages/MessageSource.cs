using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>Finds what the code says to people: errors, problems, warnings, milestones, questions, checks and remedies.</summary>
internal sealed class MessageSource
{
    private readonly MessageReader _reader;
    private readonly List<SyntaxTree> _trees;

    public MessageSource(string folder)
    {
        _trees =
        [
            .. Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj"))
                .Order(StringComparer.Ordinal)
                .Select(f => CSharpSyntaxTree.ParseText(File.ReadAllText(f), path: Path.GetRelativePath(folder, f))),
        ];
        _reader = new(_trees);
    }

    /// <summary>All messages, each with typical values in it; a message with alternatives once for each.</summary>
    public IReadOnlyList<Message> Read() =>
    [
        .. _trees.SelectMany(t => t.GetRoot().DescendantNodes()).SelectMany(MessagesOf).Where(m => m.Text.Trim().Length > 0).Distinct(),
    ];

    private IEnumerable<Message> MessagesOf(SyntaxNode node) => node switch
    {
        BaseObjectCreationExpressionSyntax creation => OfCreation(creation),
        InvocationExpressionSyntax call => OfCall(call),
        _ => [],
    };

    private IEnumerable<Message> OfCreation(BaseObjectCreationExpressionSyntax creation)
    {
        var arguments = creation.ArgumentList?.Arguments ?? [];
        var type = MessageReader.TypeOf(creation);
        return type switch
        {
            "PlanException" when arguments.Count > 2 => Say(MessageKind.Error, arguments[0].Expression, arguments[2].Expression),
            "SandboxException" when arguments.Count > 1 => Say(MessageKind.Remedy, null, arguments[1].Expression),
            _ => OfKind(creation, arguments),
        };
    }

    /// <summary>The message follows the kind of failure, and the code comes before it, in constructors and in helpers.</summary>
    private IEnumerable<Message> OfKind(SyntaxNode node, SeparatedSyntaxList<ArgumentSyntax> arguments)
    {
        var kind = arguments.IndexOf(a => a.Expression.ToString().Contains("BackfillErrorKind.", StringComparison.Ordinal)
            || a.Expression is IdentifierNameSyntax { Identifier.ValueText: "kind" });
        return kind > 0 && kind + 1 < arguments.Count && node.ToString().Contains("Kind", StringComparison.OrdinalIgnoreCase)
            ? Say(MessageKind.Error, arguments[kind - 1].Expression, arguments[kind + 1].Expression)
            : [];
    }

    private IEnumerable<Message> OfCall(InvocationExpressionSyntax call)
    {
        var arguments = call.ArgumentList.Arguments;
        var name = MessageReader.NameOf(call);
        var owner = (call.Expression as MemberAccessExpressionSyntax)?.Expression.ToString();
        return name switch
        {
            "Milestone" or "Warn" when IsHandedOn(arguments[0].Expression, call) => [],
            "Pass" or "Warn" or "Fail" when owner == "BackfillCheck" || arguments.Count == 3 && owner is null =>
                arguments.Count < 3 ? [] : Say(MessageKind.Remedy, arguments[0].Expression, arguments[2].Expression),
            "Warn" or "WriteWarning" when arguments.Count == 1 => Say(MessageKind.Warning, null, arguments[0].Expression),
            "Warn" or "WarnAtName" or "Error" or "ErrorAtName" or "ErrorAt" when arguments.Count > 2 =>
                Say(MessageKind.Problem, arguments[0].Expression, arguments[^1].Expression),
            "Milestone" when arguments.Count == 2 => Say(MessageKind.Milestone, arguments[1].Expression, arguments[0].Expression),
            "Add" when owner == "steps" => Say(MessageKind.Step, null, arguments[0].Expression),
            "Ask" when owner == "Question" =>
                [.. Say(MessageKind.Caption, null, arguments[1].Expression), .. Say(MessageKind.Question, null, arguments[2].Expression)],
            _ => OfKind(call, arguments),
        };
    }

    /// <summary>A method that hands on its own parameter says nothing itself.</summary>
    private static bool IsHandedOn(ExpressionSyntax text, SyntaxNode call) => text is IdentifierNameSyntax { Identifier.ValueText: var name }
        && call.Ancestors().OfType<MethodDeclarationSyntax>().FirstOrDefault() is { } method
        && method.ParameterList.Parameters.Any(p => p.Identifier.ValueText == name);

    private IEnumerable<Message> Say(MessageKind kind, ExpressionSyntax? code, ExpressionSyntax text)
    {
        var line = text.GetLocation().GetLineSpan();
        var place = $"{line.Path}({line.StartLinePosition.Line + 1})";
        var name = code is null ? "" : _reader.Read(code).FirstOrDefault("");
        return _reader.Read(text).Where(t => kind == MessageKind.Caption || !MessageReader.IsUnknown(t)).Select(t => new Message(kind, name, place, t));
    }
}
