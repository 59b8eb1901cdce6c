using System.Text.Json;
using System.Text.Json.Nodes;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>Every document that is one step away from a plan: each value replaced, each member removed or renamed.</summary>
internal static class PlanMutations
{
    // The fraction 1.5 and not 1.0: JSON Schema takes 1.0 for an integer, NJsonSchema does not.
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "1", "-1", "1.5", "100000", "100001", "600001", "10000001", "2147483648", "9999999999999999",
        "\"\"", "\"x\"", "\"a b\"", "\"a/b\"", "\"a\\\\b\"", "\"..\"", "\"a..b\"", "\".a\"", "\"a.b\"", "\"-\"",
        "\"CON\"", "\"Lpt9.x\"", "\"CONSOLE\"",
        "\"\u212A\"", "\"ä\"", "\"a\\u0007\"", "\"a\\u0085\"", "\"1\"", "\"_x\"", "\"a.b.c\"",
        "\"backfill.run\"", "\"pg_catalog.x\"", "\"public.profiles\"",
        "\"profiles\"", "\"fc_scores\"", "\"score_prism\"", "\"score_fc_session\"", "\"score_audit\"", "\"staging\"", "\"production\"", "\"STAGING\"",
        "\"2025-08-01\"", "\"2025-08-01T10:00\"", "\"2025-08-01T10:00:00+0200\"", "\"2025-02-30\"", "\"now\"",
        "\"21762d3d-773f-4302-8fa5-d5d8ff88911c\"", "\"21762D3D-773F-4302-8FA5-D5D8FF88911C\"", "\"00000000-0000-0000-0000-000000000000\"",
        "\"21762d3d773f43028fa5d5d8ff88911c\"", "[]", "{}", "[null]", "[\"x\"]", "[{}]", "{\"x\": 1}", "{\"x\": {}}", "{\"param\": \"x\"}",
        "{\"param\": \"\"}", "{\"param\": \"x\", \"y\": 1}", "{\"session_id\": \"x\"}", "{\"if_missing\": 1}", "{\"if_missing\": false}",
    ];

    private static readonly string[] Long = [new('a', 63), new('a', 64), new('a', 65), new('a', 100), new('a', 101)];

    private static readonly string[] Names =
    [
        "x", "", "a b", "$schema", "session_id", "if_missing", "sessions", "session_count",
        "profiles", "score_prism", "new_rows", "param", "a.b", "pg_x.y", "9",
    ];

    public static IEnumerable<string> Of(string text)
    {
        var root = JsonNode.Parse(text)!;
        yield return text;
        foreach (var path in Paths(root, []))
        {
            foreach (var value in Values.Concat(Long.Select(l => $"\"{l}\"")))
                yield return Changed(root, path, (parent, step) => Put(parent, step, JsonNode.Parse(value)));
            yield return Changed(root, path, Remove);
            if (path[^1] is string)
            {
                foreach (var name in Names.Concat(Long))
                    yield return Changed(root, path, (parent, step) => Rename((JsonObject)parent, (string)step, name));
            }
        }
    }

    private static IEnumerable<object[]> Paths(JsonNode? node, object[] path)
    {
        IEnumerable<(object Step, JsonNode? Node)> children = node switch
        {
            JsonObject o => o.Select(m => ((object)m.Key, m.Value)),
            JsonArray a => a.Select((n, i) => ((object)i, n)),
            _ => [],
        };
        return children.SelectMany(c => Paths(c.Node, [.. path, c.Step]).Prepend([.. path, c.Step]));
    }

    private static string Changed(JsonNode root, object[] path, Action<JsonNode, object> change)
    {
        var copy = root.DeepClone();
        var parent = path[..^1].Aggregate(copy, (node, step) => step is string name ? node[name]! : node[(int)step]!);
        change(parent, path[^1]);
        return copy.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }

    private static void Put(JsonNode parent, object step, JsonNode? value)
    {
        if (step is string name)
            parent[name] = value;
        else
            parent[(int)step] = value;
    }

    private static void Remove(JsonNode parent, object step)
    {
        if (step is string name)
            ((JsonObject)parent).Remove(name);
        else
            ((JsonArray)parent).RemoveAt((int)step);
    }

    private static void Rename(JsonObject parent, string name, string other)
    {
        var value = parent[name];
        parent.Remove(name);
        parent[other] = value;
    }
}
