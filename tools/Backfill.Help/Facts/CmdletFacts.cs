namespace Backfill.Help.Facts;

/// <summary>A cmdlet as the engine sees it.</summary>
/// <param name="Name">Verb and noun.</param>
/// <param name="Parameters">Its own parameters, <c>-WhatIf</c> and <c>-Confirm</c> among them; not the common ones.</param>
/// <param name="Syntaxes">Its parameter sets, the default one first.</param>
/// <param name="OutputTypes">What it emits, by full name.</param>
internal sealed record CmdletFacts(
    string Name,
    IReadOnlyList<ParameterFacts> Parameters,
    IReadOnlyList<IReadOnlyList<ParameterFacts>> Syntaxes,
    IReadOnlyList<string> OutputTypes);

/// <summary>A parameter, in one set or in the first one that has it.</summary>
internal sealed record ParameterFacts
{
    public required string Name { get; init; }

    /// <summary>As syntax shows it: <c>guid[]</c>; the type under a <c>Nullable</c>.</summary>
    public required string TypeName { get; init; }

    public required string TypeFullName { get; init; }

    public bool IsSwitch { get; init; }

    public bool IsArray { get; init; }

    public bool IsMandatory { get; init; }

    /// <summary>From 0; null for a named one.</summary>
    public int? Position { get; init; }

    public bool ByValue { get; init; }

    public bool ByPropertyName { get; init; }

    public bool TakesWildcards { get; init; }

    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>The values of an enumeration.</summary>
    public IReadOnlyList<string> Values { get; init; } = [];

    /// <summary>What the property holds when nothing is given; null where that says nothing.</summary>
    public string? Default { get; init; }
}
