using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>The section <c>expected_changes</c>.</summary>
internal static class ExpectedRules
{
    private static readonly string[] Figures = ["new_rows", "updated_rows", "deleted_rows"];

    public static ExpectedChanges Read(PlanNode root, PlanFields fields, HashSet<string> written)
    {
        var tables = new List<ExpectedTableChange>();
        if (root["expected_changes"] is not { } node)
        {
            fields.Problems.Warn(
                PlanCodes.ExpectedMissing,
                root,
                "'expected_changes' is missing, so the run's effects will be compared with nothing. "
                + "Say how many rows of which table are to be new.");
        }
        else if (fields.IsObject(node))
        {
            var names = new HashSet<string>(StringComparer.Ordinal);
            tables.AddRange(node.Members.Values.Where(t => IsTable(t, fields, names)).Select(t => ReadTable(t, fields, written)));
        }

        return new() { Tables = new(tables) };
    }

    private static bool IsTable(PlanNode node, PlanFields fields, HashSet<string> names) =>
        TableNames.Check(node, node.Name!, fields, names) & fields.IsObject(node);

    private static ExpectedTableChange ReadTable(PlanNode node, PlanFields fields, HashSet<string> written)
    {
        if (!written.Contains(PlanNames.Qualify(node.Name!)))
        {
            fields.Problems.WarnAtName(
                PlanCodes.ExpectedTableUnknown,
                node,
                $"No operation of this plan writes {PlanQuote.Of(node.Name!)}: it will show no change.");
        }

        var columns = node.Members.Values.Where(m => !Figures.Contains(m.Name));
        return new()
        {
            Table = node.Name!,
            NewRows = Rows(node[Figures[0]], fields),
            UpdatedRows = Rows(node[Figures[1]], fields),
            DeletedRows = Rows(node[Figures[2]], fields),
            Match = new([.. columns.Where(c => IsColumn(c, fields)).Select(c => new ExpectedColumn(c.Name!, c.Text))]),
        };
    }

    private static int? Rows(PlanNode? node, PlanFields fields) => fields.Whole(node, 0, int.MaxValue, PlanCodes.ExpectedInvalid);

    private static bool IsColumn(PlanNode node, PlanFields fields)
    {
        if (!TableNames.IsColumn(node, node.Name!, fields))
            return false;
        if (TableNames.IsScalar(node))
            return true;
        fields.Problems.Error(
            PlanCodes.ExpectedInvalid,
            node,
            $"{PlanFields.Named(node)} must be the value of that column: a text, a number, true or false; it is {PlanFields.Shown(node)}.");
        return false;
    }
}
