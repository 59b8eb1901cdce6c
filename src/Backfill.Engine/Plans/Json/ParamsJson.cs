using System.Text;
using System.Text.Json;

namespace Backfill.Engine.Plans.Json;

/// <summary>Params of calls, from JSON.</summary>
internal static class ParamsJson
{
    extension(FunctionParams)
    {
        /// <summary>Reads params back from <see cref="FunctionParams.Json"/>.</summary>
        /// <exception cref="FormatException">The text is not a JSON object.</exception>
        public static FunctionParams Parse(string json)
        {
            ArgumentNullException.ThrowIfNull(json);
            var utf8 = Encoding.UTF8.GetBytes(json);
            var problems = new PlanProblems(utf8);
            var root = PlanParser.Parse(utf8, problems);
            return root is { Kind: JsonValueKind.Object } && !problems.HasErrors
                ? Of(root.Members)
                : throw new FormatException("Params must be a JSON object without a name twice.");
        }
    }

    public static FunctionParams Of(OrderedDictionary<string, PlanNode> nodes) => new(
        PlanNodeText.ToJson(nodes),
        [.. nodes.Select(n => new FunctionParam(n.Key, PlanNodeText.ToValue(n.Value), PlanNodeText.ToText(n.Value)))]);
}
