using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>Reads single fields; what cannot be used becomes a problem and a harmless value.</summary>
internal sealed class PlanFields(PlanProblems problems)
{
    public PlanProblems Problems => problems;

    public PlanNode? Required(PlanNode owner, string name, string code = PlanCodes.FieldMissing)
    {
        if (owner[name] is { } node)
            return node;
        problems.Error(code, owner, $"'{name}' is missing here. Add it.");
        return null;
    }

    public bool IsObject(PlanNode node, string code = PlanCodes.TypeInvalid) => Is(node, JsonValueKind.Object, "an object in braces", code);

    public bool IsArray(PlanNode node, string code = PlanCodes.TypeInvalid) => Is(node, JsonValueKind.Array, "an array in brackets", code);

    /// <summary>A short text on one line.</summary>
    public string Label(PlanNode? node)
    {
        if (node is null)
            return "";
        if (node.Kind == JsonValueKind.String && node.Text.Length is > 0 and <= 64 && !node.Text.Any(char.IsControl))
            return node.Text;
        problems.Error(PlanCodes.TextInvalid, node, $"{Named(node)} must be a text of 1 to 64 characters; it is {Shown(node)}.");
        return "";
    }

    public string FreeText(PlanNode? node)
    {
        if (node is null || node.Kind == JsonValueKind.String)
            return node?.Text ?? "";
        problems.Error(PlanCodes.TextInvalid, node, $"{Named(node)} must be a text; it is {Shown(node)}. Put it in double quotes.");
        return "";
    }

    public int? Whole(PlanNode? node, int least, int most, string code, string remedy = "")
    {
        if (node is null)
            return null;
        if (node.Kind == JsonValueKind.Number && TryWhole(node.Text, out var value) && value >= least && value <= most)
            return (int)value;
        problems.Error(
            code, node, $"{Named(node)} must be a whole number from {least} to {most}; it is {Shown(node)}.{remedy}");
        return null;
    }

    public bool Flag(PlanNode? node, string code = PlanCodes.FlagInvalid)
    {
        if (node is null || node.Kind is JsonValueKind.True or JsonValueKind.False)
            return node is { Kind: JsonValueKind.True };
        problems.Error(code, node, $"{Named(node)} must be true or false, without quotes; it is {Shown(node)}.");
        return false;
    }

    /// <summary>A time in UTC; without an offset it is UTC already.</summary>
    public DateTimeOffset? Date(PlanNode? node)
    {
        if (node is null)
            return null;
        if (node.Kind != JsonValueKind.String || !PlanNames.Date.IsMatch(node.Text))
        {
            problems.Error(
                PlanCodes.DateInvalid,
                node,
                $"{Named(node)} must be a date such as \"2025-08-01\" or \"2025-08-01T00:00:00Z\"; it is {Shown(node)}.");
            return null;
        }

        const DateTimeStyles utc = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
        if (DateTimeOffset.TryParse(node.Text, CultureInfo.InvariantCulture, utc, out var time))
            return time;
        problems.Error(PlanCodes.DateImpossible, node, $"{Named(node)}: there is no such time as {Shown(node)}. Correct it.");
        return null;
    }

    public void WarnOfOthers(PlanNode owner, params ReadOnlySpan<string> known)
    {
        foreach (var (name, node) in owner.Members)
        {
            if (known.Contains(name))
                continue;
            var meant = Nearest(name, known);
            var hint = meant is null ? "Remove it, or ignore this." : $"Did you mean '{meant}'?";
            problems.WarnAtName(
                PlanCodes.FieldUnknown, node, $"{PlanQuote.Of(name)} is not known here: it is kept and does nothing. {hint}");
        }
    }

    public static string Named(PlanNode node) => node.Name is { } name ? PlanQuote.Of(name) : "This";

    public static string Shown(PlanNode node) => node.Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String when node.Text.Length == 0 => "empty",
        JsonValueKind.String => $"the text {PlanQuote.Of(node.Text)}",
        _ => PlanQuote.Clip(node.Text, 40),
    };

    private bool Is(PlanNode node, JsonValueKind kind, string what, string code)
    {
        if (node.Kind == kind)
            return true;
        problems.Error(code, node, $"{Named(node)} must be {what}; it is {Shown(node)}.");
        return false;
    }

    // JSON Schema calls 20.0 an integer, so we do; an exponent is nothing that a person writes into a plan.
    private static bool TryWhole(string text, out long value)
    {
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point > 0 && text.AsSpan(point + 1).IndexOfAnyExcept('0') < 0 ? text[..point] : text;
        return long.TryParse(whole, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    private static string? Nearest(string name, ReadOnlySpan<string> known)
    {
        var plain = Plain(name);
        foreach (var candidate in known)
        {
            if (Plain(candidate) == plain)
                return candidate;
        }

        return null;
    }

    // Letter case, separators and a plural's s are what people get wrong.
    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant().TrimEnd('S');
}
