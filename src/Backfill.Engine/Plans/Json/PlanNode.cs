using System.Globalization;
using System.Text.Json;

namespace Backfill.Engine.Plans.Json;

/// <summary>A JSON value that knows where it stands, so that a problem can name its line.</summary>
internal sealed class PlanNode(JsonValueKind kind, PlanNode? parent, int offset)
{
    private static readonly OrderedDictionary<string, PlanNode> NoMembers = [];
    private List<PlanNode>? _items;
    private OrderedDictionary<string, PlanNode>? _members;

    public JsonValueKind Kind { get; } = kind;

    public PlanNode? Parent { get; } = parent;

    /// <summary>The byte where the value begins.</summary>
    public int Offset { get; } = offset;

    /// <summary>The byte where its name begins; the value's own in an array.</summary>
    public int NameOffset { get; init; } = offset;

    public string? Name { get; init; }

    public int Index { get; init; }

    /// <summary>A string's content; else the token as it stands in the file.</summary>
    public string Text { get; init; } = "";

    public IReadOnlyList<PlanNode> Items => _items ?? [];

    public OrderedDictionary<string, PlanNode> Members => _members ?? NoMembers;

    public PlanNode? this[string name] => _members is not null && _members.TryGetValue(name, out var node) ? node : null;

    public string Pointer
    {
        get
        {
            var steps = new Stack<string>();
            for (var node = this; node.Parent is not null; node = node.Parent)
                steps.Push(node.Name is { } name ? Escape(name) : node.Index.ToString(CultureInfo.InvariantCulture));
            return string.Concat(steps.Select(s => "/" + s));
        }
    }

    /// <summary>Takes in a child.</summary>
    /// <returns>False where an object has a member of that name already; the first one stays.</returns>
    public bool Add(PlanNode child)
    {
        if (child.Name is null)
        {
            (_items ??= []).Add(child);
            return true;
        }

        return (_members ??= new(StringComparer.Ordinal)).TryAdd(child.Name, child);
    }

    // A name of megabytes would be repeated in the pointer of everything below it.
    private static string Escape(string name) =>
        (name.Length <= 256 ? name : string.Concat(name.AsSpan(0, 255), "…"))
        .Replace("~", "~0", StringComparison.Ordinal)
        .Replace("/", "~1", StringComparison.Ordinal);
}
