namespace Backfill.Engine.Plans;

/// <summary>Which of a plan's versions a param repeats.</summary>
public enum PlanVersionKind
{
    /// <summary>None.</summary>
    None,

    /// <summary><c>engine_version</c>.</summary>
    Engine,

    /// <summary><c>fc_version</c>.</summary>
    Fc,
}

/// <summary>A param that a known function must be given: a text.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of the plan that it should equal.</param>
public sealed record KnownParam(string Name, PlanVersionKind Version = PlanVersionKind.None);

/// <summary>A function whose footprint is known without the plan's help.</summary>
/// <param name="Name">The edge function.</param>
/// <param name="Params">All its params; each is required.</param>
/// <param name="Writes">The tables it may write, schema-qualified.</param>
public sealed record KnownFunction(string Name, ItemList<KnownParam> Params, ItemList<string> Writes);

/// <summary>What a plan need not explain.</summary>
/// <param name="Functions">The functions.</param>
/// <param name="Tables">Every table whose session column is known, schema-qualified.</param>
public sealed record KnownFunctions(ItemList<KnownFunction> Functions, ItemList<string> Tables)
{
    /// <summary>The functions and tables of <see cref="Footprint.Known"/>.</summary>
    public static KnownFunctions Default { get; } = From(Footprint.Known);

    /// <summary>Looks a function up.</summary>
    /// <param name="name">Its exact name.</param>
    /// <returns>The function; null if it is not known.</returns>
    public KnownFunction? Find(string name) => Functions.FirstOrDefault(f => f.Name == name);

    private static KnownFunctions From(Footprint footprint) => new(
        new([.. footprint.Functions.Select(f => new KnownFunction(
            f.Function,
            new([.. f.Proof.Where(m => m.Param is not null).Select(m => new KnownParam(m.Param!, m.Version))]),
            new([.. f.Writes])))]),
        new([.. footprint.Tables.Select(t => t.Name)
            .Concat(footprint.Functions.SelectMany(f => f.Inputs))
            .Append("public.assessment_sessions")
            .Distinct(StringComparer.Ordinal)]));
}
