using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Plans.Rules;

/// <summary>The section <c>batches</c>; one for each document, because it remembers ids and sessions.</summary>
internal sealed class BatchRules(PlanFields fields, OperationRules operations)
{
    private const int MostSessions = 10_000_000;

    private readonly Dictionary<string, PlanNode> _ids = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Guid, PlanNode> _sessions = [];

    public ItemList<PlanBatch> Read(PlanNode root)
    {
        var node = fields.Required(root, "batches", PlanCodes.BatchesMissing);
        if (node is null || !fields.IsArray(node))
            return ItemList.Of<PlanBatch>();
        if (node.Items.Count == 0)
            fields.Problems.Error(PlanCodes.BatchesMissing, node, "The plan has no batch. Add one to 'batches'.");
        ItemList<PlanBatch> batches = new([.. node.Items.Where(b => fields.IsObject(b)).Select(ReadBatch)]);
        if (batches is [.., { Review: true }] && node.Items[^1]["review"] is { } last)
        {
            fields.Problems.WarnAtName(
                PlanCodes.FieldIgnored, last, "'review' does nothing at the last batch: the run ends there, and ApplyReview reviews it.");
        }

        return batches;
    }

    private PlanBatch ReadBatch(PlanNode node)
    {
        fields.WarnOfOthers(node, "batch_id", "description", "sessions", "session_count", "since", "review", "operations");
        var id = ReadId(fields.Required(node, "batch_id", PlanCodes.BatchIdInvalid));
        if (node["sessions"] is null && node["session_count"] is null)
        {
            fields.Problems.Error(
                PlanCodes.SessionsMissing,
                node,
                "This batch has no sessions. Add 'sessions' (a list of ids) or 'session_count' (a number).");
        }
        else if (node["sessions"] is not null && node["session_count"] is { } second)
        {
            fields.Problems.ErrorAtName(
                PlanCodes.SessionsAmbiguous, second, "This batch has both 'sessions' and 'session_count'. Remove one of them.");
        }

        if (node["since"] is { } unused && node["session_count"] is null)
        {
            fields.Problems.WarnAtName(
                PlanCodes.FieldIgnored, unused, "'since' belongs to 'session_count'; named sessions are taken at any age.");
        }

        return new()
        {
            BatchId = id,
            Description = fields.FreeText(node["description"]),
            Sessions = ReadSessions(node["sessions"]),
            SessionCount = fields.Whole(node["session_count"], 1, MostSessions, PlanCodes.SessionCountInvalid),
            Since = fields.Date(node["since"]) ?? PlanBatch.DefaultSince,
            Review = fields.Flag(node["review"]),
            Operations = ReadOperations(node),
        };
    }

    private string ReadId(PlanNode? node)
    {
        if (node is null)
            return "";
        if (node.Kind != JsonValueKind.String || !PlanNames.BatchId.IsMatch(node.Text))
        {
            fields.Problems.Error(
                PlanCodes.BatchIdInvalid,
                node,
                $"'batch_id' becomes part of a file name; it is {PlanFields.Shown(node)}. "
                + "Use 1 to 64 of A-Z a-z 0-9 _ - and single dots, not first, and no device name of Windows such as CON.");
            return "";
        }

        if (!_ids.TryAdd(node.Text, node))
        {
            fields.Problems.Error(
                PlanCodes.BatchIdDuplicate,
                node,
                $"The batch in line {fields.Problems.LineOf(_ids[node.Text])} is called {PlanQuote.Of(node.Text)} too, "
                + "letter case aside. Rename one: it becomes a file name.");
        }

        return node.Text;
    }

    private ItemList<Guid> ReadSessions(PlanNode? node)
    {
        var kept = new List<Guid>();
        if (node is null || !fields.IsArray(node))
            return new(kept);
        if (node.Items.Count == 0)
            fields.Problems.Error(PlanCodes.SessionsEmpty, node, "'sessions' is empty. Name a session, or remove the batch.");
        foreach (var item in node.Items)
        {
            if (item.Kind != JsonValueKind.String || !PlanNames.SessionId.IsMatch(item.Text))
            {
                fields.Problems.Error(
                    PlanCodes.SessionIdInvalid,
                    item,
                    $"A session id must be a uuid such as 618c5ea6-aeda-4084-9156-0aac9643afd3, not all zero; "
                    + $"it is {PlanFields.Shown(item)}.");
            }
            else if (Guid.Parse(item.Text) is var id && _sessions.TryAdd(id, item))
            {
                kept.Add(id);
            }
            else
            {
                fields.Problems.Warn(
                    PlanCodes.SessionDuplicate,
                    item,
                    $"Session {id} is in line {fields.Problems.LineOf(_sessions[id])} already. It is done once, there; remove it here.");
            }
        }

        return new(kept);
    }

    private ItemList<PlanOperation> ReadOperations(PlanNode batch)
    {
        var node = fields.Required(batch, "operations", PlanCodes.OperationsMissing);
        if (node is null || !fields.IsArray(node))
            return ItemList.Of<PlanOperation>();
        if (node.Items.Count == 0)
            fields.Problems.Error(PlanCodes.OperationsMissing, node, "This batch calls nothing. Add an operation to 'operations'.");
        return new([.. node.Items.Select((o, i) => (Node: o, Position: i + 1))
            .Where(o => fields.IsObject(o.Node))
            .Select(o => operations.Read(o.Node, o.Position))]);
    }
}
