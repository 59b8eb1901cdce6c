using System.Collections.ObjectModel;

namespace Backfill;

/// <summary>One param of a call.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Value">Its value, as PowerShell shows it.</param>
/// <param name="Text">A string's content, else its JSON text.</param>
public sealed record FunctionParam(string Name, object? Value, string? Text);

/// <summary>
/// The params of a call: names and JSON values in the plan's order. It is a dictionary, so that PowerShell shows
/// <c>$call.Params.version</c> and writes it as a JSON object; nobody can change it.
/// </summary>
public sealed class FunctionParams : ReadOnlyDictionary<string, object?>, IEquatable<FunctionParams>
{
    /// <summary>No params.</summary>
    public static new readonly FunctionParams Empty = new("{}", []);

    private readonly OrderedDictionary<string, string?> _texts;

    /// <summary>Params as they were read.</summary>
    /// <param name="json">All of them, as a JSON object without white space.</param>
    /// <param name="values">Each of them, in order.</param>
    public FunctionParams(string json, IReadOnlyCollection<FunctionParam> values)
        : base(new OrderedDictionary<string, object?>(values.Select(v => KeyValuePair.Create(v.Name, v.Value)), StringComparer.Ordinal))
    {
        Json = json;
        _texts = new(values.Select(v => KeyValuePair.Create(v.Name, v.Text)), StringComparer.Ordinal);
    }

    /// <summary>The params as a JSON object without white space; numbers as the plan writes them.</summary>
    public string Json { get; }

    /// <summary>A value as text: a string's content, else its JSON text.</summary>
    /// <param name="name">The param, by its exact name.</param>
    /// <returns>The text; null where there is no such param.</returns>
    public new string? this[string name] => _texts.GetValueOrDefault(name);

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
    public override string ToString() =>
        PlanQuote.Clip(string.Join(", ", _texts.Select(t => $"{t.Key}={PlanQuote.Clip(t.Value ?? "", 40)}")), 200);
}
