namespace Backfill.Engine.Plans.Rules;

/// <summary>What a plan registers beside what is known.</summary>
/// <param name="functions">The functions whose footprint is sound.</param>
/// <param name="tables">The tables.</param>
/// <param name="names">Every function that has an entry, sound or not: a bad entry is one problem, not two.</param>
internal sealed class PlanFootprints(
    IReadOnlyList<PlanFunctionFootprint> functions, IReadOnlyList<PlanTableFootprint> tables, IEnumerable<string> names)
{
    private readonly Dictionary<string, PlanFunctionFootprint> _byName = functions.ToDictionary(f => f.Function, StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(names, StringComparer.Ordinal);

    public ItemList<PlanFunctionFootprint> Functions { get; } = new([.. functions]);

    public ItemList<PlanTableFootprint> Tables { get; } = new([.. tables]);

    public bool HasEntry(string function) => _names.Contains(function);

    public PlanFunctionFootprint? Find(string function) => _byName.GetValueOrDefault(function);
}
