using System.Text;
using System.Text.Json;

namespace Backfill.Engine.Plans.Json;

/// <summary>Reads UTF-8 JSON into <see cref="PlanNode"/>s in one pass, without recursion.</summary>
internal static class PlanParser
{
    /// <summary>How many objects and arrays may lie in one another; a plan needs 7.</summary>
    public const int MaxDepth = 64;

    /// <summary>How many values a file may have: each costs some hundred bytes, a limit in bytes alone is none.</summary>
    public const int MaxValues = 1_000_000;

    /// <summary>Reads the root.</summary>
    /// <param name="utf8">Valid UTF-8 without a byte-order mark.</param>
    /// <param name="problems">Takes what is wrong.</param>
    /// <returns>The root; null if the text is not JSON.</returns>
    public static PlanNode? Parse(ReadOnlySpan<byte> utf8, PlanProblems problems)
    {
        // One level more than ours, so that the reader never reports the depth in its own words.
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth + 1 });
        var state = new State(problems);
        try
        {
            while (reader.Read())
            {
                if (!state.Take(ref reader))
                    return null;
            }

            return state.Root;
        }
        catch (JsonException e)
        {
            var offset = Offset(utf8, e);
            var at = state.Open;
            problems.ErrorAt(
                PlanCodes.NotJson,
                offset,
                at?.Pointer ?? "",
                $"This is not JSON: {Reason(e)} Correct it here or just before.");
            return null;
        }
    }

    private static int Offset(ReadOnlySpan<byte> utf8, JsonException e)
    {
        var offset = 0;
        for (var line = e.LineNumber ?? 0; line > 0; line--)
        {
            var next = utf8[offset..].IndexOf((byte)'\n');
            if (next < 0)
                break;
            offset += next + 1;
        }

        return (int)Math.Min(offset + (e.BytePositionInLine ?? 0), utf8.Length);
    }

    // The place at the end of the message is counted in bytes from 0; ours is said elsewhere, from 1.
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return PlanQuote.Clip(end < 0 ? e.Message : e.Message[..end], 200);
    }

    private sealed class State(PlanProblems problems)
    {
        private string? _name;
        private int _nameOffset;
        private int _values;

        public PlanNode? Root { get; private set; }

        public PlanNode? Open { get; private set; }

        public bool Take(ref Utf8JsonReader reader)
        {
            var offset = (int)reader.TokenStartIndex;
            switch (reader.TokenType)
            {
                case JsonTokenType.PropertyName:
                    _nameOffset = offset;
                    _name = Text(ref reader, offset);
                    return true;
                case JsonTokenType.EndObject or JsonTokenType.EndArray:
                    Open = Open!.Parent;
                    return true;
                case JsonTokenType.StartObject or JsonTokenType.StartArray when reader.CurrentDepth >= MaxDepth:
                    problems.ErrorAt(
                        PlanCodes.TooDeep,
                        offset,
                        Open?.Pointer ?? "",
                        $"More than {MaxDepth} objects and arrays are nested here; a plan needs 7. "
                        + "Remove what does not belong to it.");
                    return false;
                default:
                    return Place(ref reader, offset);
            }
        }

        private bool Place(ref Utf8JsonReader reader, int offset)
        {
            if (++_values > MaxValues)
            {
                problems.ErrorAt(
                    PlanCodes.TooManyValues, offset, "", $"The file has more than {MaxValues} values. Cut the plan into several.");
                return false;
            }

            var kind = Kind(reader.TokenType);
            var node = new PlanNode(kind, Open, offset)
            {
                Name = _name,
                NameOffset = _name is null ? offset : _nameOffset,
                Index = Open?.Items.Count ?? 0,
                Text = kind switch
                {
                    JsonValueKind.String => Text(ref reader, offset),
                    JsonValueKind.Object or JsonValueKind.Array => "",
                    _ => Encoding.UTF8.GetString(reader.ValueSpan),
                },
            };
            _name = null;
            Root ??= node;
            if (Open is not null && !Open.Add(node))
            {
                problems.ErrorAtName(
                    PlanCodes.KeyDuplicate,
                    node,
                    $"{PlanQuote.Of(node.Name!)} is here twice (first in line {problems.LineOf(Open[node.Name!]!)}); "
                    + "readers differ in which they take. Remove one.");
            }

            if (kind is JsonValueKind.Object or JsonValueKind.Array)
                Open = node;
            return true;
        }

        private string Text(ref Utf8JsonReader reader, int offset)
        {
            string? text = null;
            try
            {
                text = reader.GetString();
            }
            catch (InvalidOperationException)
            {
                // Half of a surrogate pair, written as an escape.
            }

            if (text is not null && !text.Contains('\0', StringComparison.Ordinal))
                return text;
            problems.ErrorAt(
                PlanCodes.TextUnstorable,
                offset,
                Open?.Pointer ?? "",
                "This text holds \\u0000 or half of a surrogate pair, which PostgreSQL cannot store. Remove that escape.");
            return "\uFFFD";
        }

        private static JsonValueKind Kind(JsonTokenType token) => token switch
        {
            JsonTokenType.StartObject => JsonValueKind.Object,
            JsonTokenType.StartArray => JsonValueKind.Array,
            JsonTokenType.String => JsonValueKind.String,
            JsonTokenType.Number => JsonValueKind.Number,
            JsonTokenType.True => JsonValueKind.True,
            JsonTokenType.False => JsonValueKind.False,
            _ => JsonValueKind.Null,
        };
    }
}
