using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>The sections <c>tables</c> and <c>functions</c>.</summary>
internal sealed class FootprintRules(PlanFields fields, KnownFunctions known)
{
    // Every table with an entry, sound or not: a bad entry is one problem, not two.
    private readonly HashSet<string> _tables = new(known.Tables, StringComparer.Ordinal);

    public static PlanFootprints Read(PlanNode root, PlanFields fields, KnownFunctions known)
    {
        var rules = new FootprintRules(fields, known);
        var tables = rules.Members(root["tables"]).Select(rules.ReadTable).OfType<PlanTableFootprint>().ToList();
        var entries = rules.Members(root["functions"]);
        var functions = entries.Select(rules.ReadFunction).OfType<PlanFunctionFootprint>().ToList();
        return new(functions, tables, entries.Select(e => e.Name!));
    }

    private PlanNode[] Members(PlanNode? node) => node is not null && fields.IsObject(node) ? [.. node.Members.Values] : [];

    private PlanTableFootprint? ReadTable(PlanNode node)
    {
        var name = PlanNames.Qualify(node.Name!);
        if (known.Tables.Contains(name))
        {
            fields.Problems.ErrorAtName(PlanCodes.TableKnown, node, $"{PlanQuote.Of(name)} is known already. Remove it from 'tables'.");
            return null;
        }

        if (!(TableNames.Check(node, node.Name!, fields, _tables) & fields.IsObject(node)))
            return null;
        fields.WarnOfOthers(node, "session_column", "version_column");
        var session = ReadColumn(fields.Required(node, "session_column"));
        return session is null ? null : new(name, session, ReadColumn(node["version_column"]));
    }

    private PlanFunctionFootprint? ReadFunction(PlanNode node)
    {
        var name = node.Name!;
        if (known.Find(name) is not null)
        {
            fields.Problems.ErrorAtName(
                PlanCodes.FunctionKnown, node, $"{PlanQuote.Of(name)} is known already. Remove it from 'functions'.");
            return null;
        }

        if (!PlanNames.Function.IsMatch(name))
        {
            fields.Problems.ErrorAtName(
                PlanCodes.FunctionInvalid,
                node,
                $"A function's name has 1 to 100 of A-Z a-z 0-9 _ -; this is {PlanQuote.Of(name)}. Correct it.");
            return null;
        }

        if (!fields.IsObject(node))
            return null;
        fields.WarnOfOthers(node, "writes", "expected", "requires");
        var writes = ReadTables(fields.Required(node, "writes", PlanCodes.WritesMissing));
        if (writes.Count == 0 && node["writes"] is { Kind: JsonValueKind.Array, Items.Count: 0 } empty)
            fields.Problems.Error(PlanCodes.WritesMissing, empty, "'writes' is empty. Name every table that the function may write.");
        var expected = ReadExpected(fields.Required(node, "expected"), writes);
        var requires = ReadTables(node["requires"]);
        return expected is null ? null : new(name, writes, expected, requires);
    }

    private PlanExpectedRow? ReadExpected(PlanNode? node, ItemList<string> writes)
    {
        if (node is null || !fields.IsObject(node))
            return null;
        fields.WarnOfOthers(node, "table", "match");
        var match = Members(node["match"]).Select(ReadMatch).OfType<PlanColumnMatch>().ToList();
        if (ReadName(fields.Required(node, "table")) is not { } table)
            return null;
        if (!writes.Contains(table) && writes.Count > 0)
        {
            fields.Problems.Error(
                PlanCodes.ExpectedRowInvalid,
                node["table"]!,
                $"{PlanQuote.Of(table)} is not among the tables that the function 'writes'. Add it there.");
        }

        return new(table, new(match));
    }

    private PlanColumnMatch? ReadMatch(PlanNode node)
    {
        if (!TableNames.IsColumn(node, node.Name!, fields))
            return null;
        if (TableNames.IsScalar(node))
            return new(node.Name!, null, node.Text);
        var param = node.Members.Count == 1 ? node["param"] : null;
        if (param is { Kind: JsonValueKind.String, Text.Length: > 0 })
            return new(node.Name!, param.Text, null);
        fields.Problems.Error(
            PlanCodes.ExpectedInvalid,
            node,
            $"{PlanFields.Named(node)} must be a value (a text, a number, true or false) or {{\"param\": \"name of a param\"}}.");
        return null;
    }

    private ItemList<string> ReadTables(PlanNode? node) => new(
        node is not null && fields.IsArray(node) ? [.. node.Items.Select(ReadName).OfType<string>().Distinct()] : []);

    /// <summary>A table that is used: it must be known, or have an entry.</summary>
    private string? ReadName(PlanNode? node)
    {
        if (node is null || !IsText(node) || !TableNames.IsTable(node, node.Text, fields))
            return null;
        var name = PlanNames.Qualify(node.Text);
        if (!_tables.Contains(name))
        {
            fields.Problems.Error(
                PlanCodes.TableUnknown,
                node,
                $"It is not known which column of {PlanQuote.Of(name)} holds the session. Describe it under 'tables'.");
        }

        return name;
    }

    private string? ReadColumn(PlanNode? node) =>
        node is not null && IsText(node) && TableNames.IsColumn(node, node.Text, fields) ? node.Text : null;

    private bool IsText(PlanNode node)
    {
        if (node.Kind == JsonValueKind.String)
            return true;
        fields.FreeText(node);
        return false;
    }
}
