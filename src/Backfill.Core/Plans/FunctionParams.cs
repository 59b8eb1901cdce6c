using System.Collections.ObjectModel;
using System.Text;
using System.Text.Json;
using Backfill.Plans.Json;

namespace Backfill;

/// <summary>
/// The params of a call: names and JSON values in the plan's order. It is a dictionary, so that PowerShell shows
/// <c>$call.Params.version</c> and writes it as a JSON object; nobody can change it.
/// </summary>
public sealed class FunctionParams : ReadOnlyDictionary<string, object?>, IEquatable<FunctionParams>
{
    /// <summary>No params.</summary>
    public static new readonly FunctionParams Empty = new([]);

    private readonly OrderedDictionary<string, PlanNode> _nodes;

    internal FunctionParams(OrderedDictionary<string, PlanNode> nodes)
        : base(new OrderedDictionary<string, object?>(nodes.Select(n => KeyValuePair.Create(n.Key, PlanNodeText.ToValue(n.Value)))))
    {
        _nodes = nodes;
        Json = PlanNodeText.ToJson(nodes);
    }

    /// <summary>The params as a JSON object without white space; numbers as the plan writes them.</summary>
    public string Json { get; }

    /// <summary>A value as text: a string's content, else its JSON text.</summary>
    /// <param name="name">The param, by its exact name.</param>
    /// <returns>The text; null where there is no such param.</returns>
    public new string? this[string name] => _nodes.TryGetValue(name, out var node) ? PlanNodeText.ToText(node) : null;

    /// <summary>Reads params back from <see cref="Json"/>.</summary>
    /// <param name="json">A JSON object.</param>
    /// <returns>The params.</returns>
    /// <exception cref="FormatException">The text is not a JSON object.</exception>
    public static FunctionParams Parse(string json)
    {
        ArgumentNullException.ThrowIfNull(json);
        var utf8 = Encoding.UTF8.GetBytes(json);
        var problems = new PlanProblems(utf8);
        var root = PlanParser.Parse(utf8, problems);
        return root is { Kind: JsonValueKind.Object } && !problems.HasErrors
            ? new(root.Members)
            : throw new FormatException("Params must be a JSON object without a name twice.");
    }

    /// <summary>Whether both have the same params with the same values in the same order.</summary>
    /// <param name="other">The other params.</param>
    /// <returns>True if so.</returns>
    public bool Equals(FunctionParams? other) => other is not null && Json == other.Json;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as FunctionParams);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Json);

    /// <summary>The params in a few words, the same in every culture.</summary>
    /// <returns>For example <c>version=v1.2, basis=functions</c>; a long value is cut.</returns>
    public override string ToString() => PlanQuote.Clip(
        string.Join(", ", _nodes.Select(n => $"{n.Key}={PlanQuote.Clip(PlanNodeText.ToText(n.Value), 40)}")), 200);
}
