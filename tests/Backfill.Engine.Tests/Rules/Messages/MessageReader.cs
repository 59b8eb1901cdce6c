using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>Reads an expression as the texts that it can become. What only running code knows is replaced by a typical value.</summary>
internal sealed partial class MessageReader
{
    private const int Alternatives = 40;
    private const int Depth = 10;
    private const string Closed = "The server closed the connection.";
    private const string Any = "value";

    private readonly ILookup<string, MemberDeclarationSyntax> _members;
    private readonly ILookup<string, InvocationExpressionSyntax> _calls;
    private readonly ILookup<string, AssignmentExpressionSyntax> _assigned;

    public MessageReader(IReadOnlyList<SyntaxTree> trees)
    {
        var nodes = trees.SelectMany(t => t.GetRoot().DescendantNodes()).ToList();
        _members = nodes.OfType<MemberDeclarationSyntax>().Where(m => SaysText(m)).ToLookup(NameOf, StringComparer.Ordinal);
        _assigned = nodes.OfType<AssignmentExpressionSyntax>().ToLookup(a => a.Left.ToString(), StringComparer.Ordinal);
        _calls = nodes.OfType<InvocationExpressionSyntax>().ToLookup(NameOf, StringComparer.Ordinal);
    }

    public static string NameOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax member => member.Name.Identifier.ValueText,
        MemberBindingExpressionSyntax member => member.Name.Identifier.ValueText,
        SimpleNameSyntax name => name.Identifier.ValueText,
        _ => "",
    };

    public static string TypeOf(BaseObjectCreationExpressionSyntax creation) => creation switch
    {
        ObjectCreationExpressionSyntax { Type: var type } => type.ToString(),
        _ => creation.Ancestors().OfType<MethodDeclarationSyntax>().FirstOrDefault()?.ReturnType.ToString().TrimEnd('?') ?? "",
    };

    public IReadOnlyList<string> Read(ExpressionSyntax expression) => [.. Read(expression, 0).Distinct().Take(Alternatives)];

    /// <summary>Whether nothing of it is known before the code runs: it hands on what was said elsewhere.</summary>
    public static bool IsUnknown(string text) => text is Any or Closed || !text.Contains(' ', StringComparison.Ordinal);

    private IEnumerable<string> Read(ExpressionSyntax? expression, int depth) => depth > Depth ? [Typical(expression)] : expression switch
    {
        null or ThrowExpressionSyntax => [],
        LiteralExpressionSyntax { RawKind: (int)SyntaxKind.NullLiteralExpression } => [""],
        LiteralExpressionSyntax literal => [literal.Token.ValueText],
        ParenthesizedExpressionSyntax inner => Read(inner.Expression, depth),
        PostfixUnaryExpressionSyntax inner => Read(inner.Operand, depth),
        AwaitExpressionSyntax inner => Read(inner.Expression, depth),
        CastExpressionSyntax inner => Read(inner.Expression, depth),
        ConditionalExpressionSyntax choice => Read(choice.WhenTrue, depth).Concat(Read(choice.WhenFalse, depth)),
        SwitchExpressionSyntax choice => choice.Arms.SelectMany(a => Read(a.Expression, depth + 1)),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceExpression } choice =>
            Read(choice.Left, depth + 1).Concat(Read(choice.Right, depth + 1)),
        BinaryExpressionSyntax { RawKind: (int)SyntaxKind.AddExpression } sum => Join([Read(sum.Left, depth), Read(sum.Right, depth)]),
        InterpolatedStringExpressionSyntax text => Join(text.Contents.Select(c => ReadPart(c, depth))),
        InvocationExpressionSyntax call => ReadCall(call, depth + 1),
        IdentifierNameSyntax name => ReadName(name, depth + 1),
        ElementAccessExpressionSyntax { Expression: var list } => [Typical(list)],
        MemberAccessExpressionSyntax member => ReadMember(member, depth + 1),
        _ => [Typical(expression)],
    };

    private IEnumerable<string> ReadPart(InterpolatedStringContentSyntax part, int depth) => part switch
    {
        InterpolatedStringTextSyntax text => [text.TextToken.ValueText.Replace("{{", "{", StringComparison.Ordinal).Replace("}}", "}", StringComparison.Ordinal)],
        InterpolationSyntax { FormatClause: { } format } => [format.FormatStringToken.ValueText.Contains("yyyy", StringComparison.Ordinal)
            ? "2026-12-01 14:30" : "0.85"],
        InterpolationSyntax hole => Read(hole.Expression, depth + 1),
        _ => [],
    };

    private IEnumerable<string> ReadCall(InvocationExpressionSyntax call, int depth)
    {
        var arguments = call.ArgumentList.Arguments;
        var owner = (call.Expression as MemberAccessExpressionSyntax)?.Expression;
        switch (NameOf(call))
        {
            case "nameof":
                return [arguments[0].ToString().Split('.')[^1]];
            case "Create" or "Invariant" or "Text" or "Concat" when arguments.Count > 0:
                return Read(arguments[^1].Expression, depth);
            case "Join" when arguments.Count > 0:
                return arguments[0].ToString().Contains('\n', StringComparison.Ordinal) ? ["one line"] : ["first, second"];
            case "Of" when owner?.ToString() == "CountText":
                return ["39 " + (arguments.Count > 2 ? Read(arguments[2].Expression, depth).First() : Read(arguments[1].Expression, depth).First() + "s")];
            case "TrimEnd" when owner is not null && arguments.Count > 0:
                return Read(owner, depth).Select(t => t.TrimEnd('.'));
            case "ToString" or "Trim" or "TrimEnd" or "ToLowerInvariant" or "Replace" or "ConfigureAwait" when owner is not null:
                return Read(owner, depth);
        }

        var found = _members[NameOf(call)].OfType<MethodDeclarationSyntax>().Where(m => Fits(m, call, owner)).ToList();
        return found.Count is 0 or > 3 ? [Typical(call)] : found.SelectMany(m => Returned(m, depth));
    }

    private IEnumerable<string> ReadName(IdentifierNameSyntax name, int depth)
    {
        var text = name.Identifier.ValueText;
        var method = name.Ancestors().OfType<BaseMethodDeclarationSyntax>().FirstOrDefault();
        var local = method?.DescendantNodes().OfType<VariableDeclaratorSyntax>()
            .LastOrDefault(v => v.Identifier.ValueText == text && v.Initializer is not null && v.SpanStart < name.SpanStart);
        if (local is not null && IsText(local.Initializer!.Value))
            return Read(local.Initializer.Value, depth);
        if (method?.ParameterList.Parameters.IndexOf(p => p.Identifier.ValueText == text && IsString(p.Type)) is { } place and >= 0
            && method is MethodDeclarationSyntax { Identifier.ValueText: var called })
        {
            var given = _calls[called].Select(c => Given(c, method, place)).OfType<ExpressionSyntax>().ToList();
            return given.Count is > 0 and < 30 ? given.SelectMany(g => Read(g, depth)) : [Typical(name)];
        }

        if (method?.DescendantNodes().OfType<DeclarationExpressionSyntax>().FirstOrDefault(d => d.Designation.ToString() == text) is { } result)
            return ReadResult(result, text, depth).DefaultIfEmpty(Typical(name));

        var type = name.Ancestors().OfType<TypeDeclarationSyntax>().FirstOrDefault();
        return _members[text].Where(m => m.Parent == type).SelectMany(m => Returned(m, depth)).DefaultIfEmpty(Typical(name));
    }

    /// <summary>What the class of a Try method assigns to its <c>out</c> parameter of that name.</summary>
    private IEnumerable<string> ReadResult(DeclarationExpressionSyntax result, string name, int depth)
    {
        var owner = ((result.FirstAncestorOrSelf<InvocationExpressionSyntax>()?.Expression as MemberAccessExpressionSyntax)?.Expression)?.ToString();
        return _assigned[name]
            .Where(a => a.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Identifier.ValueText == owner && IsText(a.Right))
            .SelectMany(a => Read(a.Right, depth))
            .Where(t => t.Length > 0);
    }

    private IEnumerable<string> ReadMember(MemberAccessExpressionSyntax member, int depth) => _members[member.Name.Identifier.ValueText]
        .Where(m => m.Parent is TypeDeclarationSyntax t && t.Identifier.ValueText == member.Expression.ToString())
        .SelectMany(m => Returned(m, depth))
        .DefaultIfEmpty(Typical(member));

    private IEnumerable<string> Returned(MemberDeclarationSyntax member, int depth) => member switch
    {
        MethodDeclarationSyntax { ExpressionBody: { } body } => Read(body.Expression, depth),
        MethodDeclarationSyntax { Body: { } body } =>
            body.DescendantNodes().OfType<ReturnStatementSyntax>().SelectMany(r => Read(r.Expression, depth)),
        PropertyDeclarationSyntax { ExpressionBody: { } body } => Read(body.Expression, depth),
        PropertyDeclarationSyntax { Initializer: { } value } => Read(value.Value, depth),
        FieldDeclarationSyntax { Declaration.Variables: [{ Initializer: { } value }] } => Read(value.Value, depth),
        _ => [Typical(null)],
    };

    private static bool Fits(MethodDeclarationSyntax method, InvocationExpressionSyntax call, ExpressionSyntax? owner)
    {
        var type = (method.Parent as TypeDeclarationSyntax)?.Identifier.ValueText;
        var given = call.ArgumentList.Arguments.Count;
        var taken = method.ParameterList.Parameters;
        var extends = taken is [var first, ..] && first.Modifiers.Any(SyntaxKind.ThisKeyword) && owner?.ToString() != type ? 1 : 0;
        if (given > taken.Count - extends || given < taken.Count(p => p.Default is null) - extends)
            return false;
        return owner is null or ThisExpressionSyntax
            ? call.Ancestors().OfType<TypeDeclarationSyntax>().Any(t => t.Identifier.ValueText == type)
            : owner.ToString().Split('.')[^1] == type
                || extends > 0;
    }

    private static ExpressionSyntax? Given(InvocationExpressionSyntax call, BaseMethodDeclarationSyntax method, int place)
    {
        var type = (method.Parent as TypeDeclarationSyntax)?.Identifier.ValueText;
        var owner = (call.Expression as MemberAccessExpressionSyntax)?.Expression.ToString();
        var isOurs = owner is null
            ? call.Ancestors().OfType<TypeDeclarationSyntax>().Any(t => t.Identifier.ValueText == type)
            : owner.Split('.')[^1] == type || char.IsLower(owner[0]);
        if (!isOurs)
            return null;
        var arguments = call.ArgumentList.Arguments;
        var name = method.ParameterList.Parameters[place].Identifier.ValueText;
        return arguments.FirstOrDefault(a => a.NameColon?.Name.Identifier.ValueText == name)?.Expression
            ?? (place < arguments.Count ? arguments[place].Expression : null);
    }

    private static string NameOf(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax m => m.Identifier.ValueText,
        PropertyDeclarationSyntax p => p.Identifier.ValueText,
        FieldDeclarationSyntax f => f.Declaration.Variables[0].Identifier.ValueText,
        _ => "",
    };

    private static bool SaysText(MemberDeclarationSyntax member) => member switch
    {
        MethodDeclarationSyntax m => IsString(m.ReturnType),
        PropertyDeclarationSyntax p => IsString(p.Type),
        FieldDeclarationSyntax f => IsString(f.Declaration.Type),
        _ => false,
    };

    private static bool IsString(TypeSyntax? type) => type?.ToString().TrimEnd('?') == "string";

    private static bool IsText(ExpressionSyntax expression) => expression.DescendantNodesAndSelf()
        .Any(n => n is InterpolatedStringExpressionSyntax or LiteralExpressionSyntax { RawKind: (int)SyntaxKind.StringLiteralExpression });

    private static IEnumerable<string> Join(IEnumerable<IEnumerable<string>> parts) => parts.Aggregate(
        (IEnumerable<string>)[""],
        (sofar, part) => [.. sofar.SelectMany(s => part.Select(p => s + p)).Distinct().Take(Alternatives)]);

    /// <summary>A value as long as such values are.</summary>
    private static string Typical(ExpressionSyntax? expression)
    {
        var name = Words().Match(expression?.ToString() ?? "").Value;
        return name.ToUpperInvariant() switch
        {
            var n when n.Contains("ARGUMENT", StringComparison.Ordinal) => " -Connection Staging",
            var n when n.EndsWith("MESSAGE", StringComparison.Ordinal) || n.Contains("WARNING", StringComparison.Ordinal)
                || n.EndsWith("ERRORS", StringComparison.Ordinal) => Closed,
            var n when n.Contains("REASON", StringComparison.Ordinal) => "The API answers 503.",
            var n when n.EndsWith("RUN", StringComparison.Ordinal) || n.EndsWith("ID", StringComparison.Ordinal) =>
                "018f2c3a-5b7d-7e21-9c44-0a1b2c3d4e5f",
            var n when n.EndsWith("CONNECTION", StringComparison.Ordinal) => "Staging abcdefghijklmnopqrst",
            var n when n.EndsWith("PATH", StringComparison.Ordinal) || n.EndsWith("FILE", StringComparison.Ordinal) => "/home/ana/plans/plan.json",
            var n when n.EndsWith("COUNT", StringComparison.Ordinal) || n.EndsWith("TOTAL", StringComparison.Ordinal) => "39",
            "SQLSTATE" => "23505",
            var n when n.EndsWith("STATE", StringComparison.Ordinal) => "Suspended",
            var n when n.EndsWith("ENVIRONMENT", StringComparison.Ordinal) => "Staging",
            var n when n.EndsWith("PROJECTREF", StringComparison.Ordinal) => "abcdefghijklmnopqrst",
            var n when n.EndsWith("PROBLEM", StringComparison.Ordinal) || n.EndsWith("WHY", StringComparison.Ordinal) => "the value is too large.",
            _ => Any,
        };
    }

    [GeneratedRegex(@"\w+(?=(?:\(.*\))?\W*$)", RegexOptions.Singleline)]
    private static partial Regex Words();
}
