using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Backfill.Engine.Tests.Rules.Messages;

/// <summary>What kind of text it is.</summary>
public enum MessageKind
{
    /// <summary>An error of ours.</summary>
    Error,

    /// <summary>A parameter that is refused.</summary>
    Refusal,

    /// <summary>A warning.</summary>
    Warning,

    /// <summary>What has happened.</summary>
    Milestone,

    /// <summary>What <c>-Verbose</c> shows.</summary>
    Detail,

    /// <summary>What is asked.</summary>
    Question,
}

/// <summary>A text that people read, with typical values in its holes.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Place">File and line.</param>
/// <param name="Code">An error's code; empty for others.</param>
/// <param name="Text">The text.</param>
public sealed record SourceMessage(MessageKind Kind, string Place, string Code, string Text)
{
    public override string ToString() => $"{Place} [{Kind}{(Code.Length > 0 ? $" {Code}" : "")}] {Text}";
}

/// <summary>Finds the texts where the code says them. One that is put together elsewhere, by a method, is found there or not at all.</summary>
internal static class SourceMessages
{
    /// <summary>Where a hole's value ends the text, so does a command or a value that must stay as it is.</summary>
    public const char Value = '\u00a4';

    public static IReadOnlyList<SourceMessage> Read() =>
    [
        .. Directory.EnumerateFiles(Path.Combine(TestRepository.Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Where(f => !f.Split('/', '\\').Any(p => p is "bin" or "obj" or "Backfill.Sandbox"))
            .Order(StringComparer.Ordinal)
            .SelectMany(OfFile),
    ];

    private static IEnumerable<SourceMessage> OfFile(string path)
    {
        var tree = CSharpSyntaxTree.ParseText(File.ReadAllText(path));
        foreach (var node in tree.GetRoot().DescendantNodes())
        {
            if (Said(node) is not ({ } kind, { } code, { } text))
                continue;
            var place = $"{Path.GetFileName(path)}({tree.GetLineSpan(text.Span).StartLinePosition.Line + 1})";
            foreach (var variant in TextsOf(text).Distinct())
                yield return new(kind, place, code, variant);
        }
    }

    private static (MessageKind? Kind, string? Code, ExpressionSyntax? Text) Said(SyntaxNode node) => node switch
    {
        BaseObjectCreationExpressionSyntax { ArgumentList.Arguments: { Count: >= 3 } a } when IsKind(a[1].Expression) =>
            (MessageKind.Error, a[0].Expression is LiteralExpressionSyntax l ? l.Token.ValueText : a[0].ToString(), a[2].Expression),
        ObjectCreationExpressionSyntax { Type: IdentifierNameSyntax type, ArgumentList.Arguments: [var only] }
            when type.Identifier.ValueText is "ValidationMetadataException" or "ArgumentTransformationMetadataException" =>
            (MessageKind.Refusal, "", only.Expression),
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name }, ArgumentList.Arguments: { Count: > 0 } a } =>
            name switch
            {
                // Of a check it has a name before it.
                "Warn" or "WriteWarning" when a.Count == 1 => (MessageKind.Warning, "", a[0].Expression),
                "Milestone" => (MessageKind.Milestone, "", a[0].Expression),
                "Explain" => (MessageKind.Detail, "", a[0].Expression),
                "Ask" when a.Count >= 3 => (MessageKind.Question, "", a[1].Expression),
                _ => default,
            },
        _ => default,
    };

    private static bool IsKind(ExpressionSyntax expression) =>
        expression.ToString().StartsWith("BackfillErrorKind.", StringComparison.Ordinal);

    /// <summary>The text, once as if all its conditions held, and once as if none did; of a switch, every arm.</summary>
    private static IEnumerable<string> TextsOf(ExpressionSyntax expression) => expression switch
    {
        SwitchExpressionSyntax choice => choice.Arms.SelectMany(a => TextsOf(a.Expression)),
        ConditionalExpressionSyntax choice => TextsOf(choice.WhenTrue).Concat(TextsOf(choice.WhenFalse)),
        ParenthesizedExpressionSyntax inner => TextsOf(inner.Expression),
        _ => new[] { true, false }.Select(holds => Flat(expression, holds)).OfType<string>(),
    };

    /// <summary>Null: it is made elsewhere.</summary>
    private static string? Flat(ExpressionSyntax expression, bool holds) => expression switch
    {
        LiteralExpressionSyntax literal when literal.IsKind(SyntaxKind.StringLiteralExpression) => literal.Token.ValueText,
        InterpolatedStringExpressionSyntax text => string.Concat(text.Contents.Select(c => c switch
        {
            InterpolatedStringTextSyntax part => part.TextToken.ValueText,
            InterpolationSyntax hole => Flat(hole.Expression, holds) ?? Typical(hole.Expression.ToString()),
            _ => "",
        })),
        BinaryExpressionSyntax sum when sum.IsKind(SyntaxKind.AddExpression) => Flat(sum.Left, holds) + Flat(sum.Right, holds),
        ConditionalExpressionSyntax choice => Flat(holds ? choice.WhenTrue : choice.WhenFalse, holds),
        ParenthesizedExpressionSyntax inner => Flat(inner.Expression, holds),
        // string.Create(culture, $"…"), FormattableString.Invariant($"…"), Text($"…").
        InvocationExpressionSyntax { ArgumentList.Arguments: [.., var last] } when last.Expression is InterpolatedStringExpressionSyntax => Flat(last.Expression, holds),
        _ => null,
    };

    private static string Typical(string hole) =>
        hole.Contains("RunId", StringComparison.OrdinalIgnoreCase) || hole.EndsWith("runId", StringComparison.Ordinal) ? new string('0', 35) + Value
        : hole.Contains("GetArgument", StringComparison.Ordinal) || hole.StartsWith("Target(", StringComparison.Ordinal) ? ""
        : $"value{Value}";
}
