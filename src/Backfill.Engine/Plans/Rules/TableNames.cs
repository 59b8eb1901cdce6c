using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>Checks names that are to be put, quoted, into SQL.</summary>
internal static class TableNames
{
    /// <summary>Whether it is a table's name, and not among those seen already.</summary>
    public static bool Check(PlanNode node, string name, PlanFields fields, HashSet<string> seen)
    {
        if (!IsTable(node, name, fields))
            return false;
        if (seen.Add(PlanNames.Qualify(name)))
            return true;
        fields.Problems.ErrorAtName(
            PlanCodes.TableDuplicate,
            node,
            $"{PlanQuote.Of(PlanNames.Qualify(name))} is here twice. Remove one; without a schema, 'public' is meant.");
        return false;
    }

    public static bool IsTable(PlanNode node, string name, PlanFields fields)
    {
        if (PlanNames.Table.IsMatch(name))
            return true;
        fields.Problems.ErrorAtName(
            PlanCodes.TableInvalid,
            node,
            $"{PlanQuote.Of(name)} is no table that a plan may name. "
            + "Write table or schema.table in letters, digits and _, outside the schemas backfill, information_schema and pg_*.");
        return false;
    }

    public static bool IsColumn(PlanNode node, string name, PlanFields fields)
    {
        if (PlanNames.Column.IsMatch(name))
            return true;
        fields.Problems.ErrorAtName(
            PlanCodes.ColumnInvalid,
            node,
            $"{PlanQuote.Of(name)} is no name of a column. Use letters, digits and _, at most 63, no digit first.");
        return false;
    }

    public static bool IsScalar(PlanNode node) =>
        node.Kind is JsonValueKind.String or JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False;
}
