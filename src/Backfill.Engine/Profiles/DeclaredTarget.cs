namespace Backfill.Engine.Profiles;

/// <summary>What a profile file says of a target. What it doesn't say is detected, or, of another project, not measured.</summary>
/// <param name="Path">The file.</param>
/// <param name="Hash">Its SHA-256, hex: part of the gates' evidence.</param>
/// <param name="Project">The tables of another project; null for the system that is known.</param>
/// <param name="Link">What a share link is read through; null where the profile names nothing.</param>
/// <param name="LogTable">The table of events, unqualified; null where the profile names none.</param>
internal sealed record DeclaredTarget(string Path, string Hash, DeclaredProject? Project, ShareLink? Link, string? LogTable);

/// <summary>Another project: what is backfilled, what of, and by what. Tables are those of <c>public</c>, unqualified.</summary>
internal sealed record DeclaredProject(SubjectTable Subject, InputTable? Input, ResultTable Result, ProfileFunction Function)
{
    /// <summary>What a plan must say of the function, for it is none of the known ones.</summary>
    public PlanFunctionFootprint Footprint => new(
        Function.Name,
        new([.. Function.AlsoWrites.Select(w => w.Table).Prepend(Result.Table).Distinct().Select(Qualified)]),
        new(Qualified(Result.Table), new([new(Result.Version, Function.VersionParam, null)])),
        new(Input is null ? [] : [Qualified(Input.Table)]));

    /// <summary>What a plan must say of the tables, each once.</summary>
    public IReadOnlyList<PlanTableFootprint> Tables =>
    [
        new(Qualified(Result.Table), Result.Column, Result.Version),
        .. Others.DistinctBy(o => o.Table).Where(o => o.Table != Result.Table)
            .Select(o => new PlanTableFootprint(Qualified(o.Table), o.Column, null)),
    ];

    /// <summary>A table that is named twice with another column for the subject's key; null where none is.</summary>
    public string? Ambiguous => Others.Append(new(Result.Table, Result.Column)).GroupBy(o => o.Table)
        .FirstOrDefault(g => g.Select(o => o.Column).Distinct().Count() > 1)?.Key;

    private IEnumerable<InputTable> Others => Input is null ? Function.AlsoWrites : Function.AlsoWrites.Append(Input);

    private static string Qualified(string table) => $"public.{table}";
}

/// <summary>The table whose rows are backfilled.</summary>
/// <param name="Table">The table.</param>
/// <param name="Key">Its key: a uuid, which functions are given as <c>session_id</c>.</param>
/// <param name="Ready">The column that says that a row is ready.</param>
/// <param name="ReadyValue">What it says then.</param>
/// <param name="When">When a row became ready: a timestamptz.</param>
/// <param name="Created">When it was made; null where no column says so.</param>
internal sealed record SubjectTable(string Table, string Key, string Ready, string ReadyValue, string When, string? Created);

/// <summary>A table in which a subject must have rows for the function to have something to do.</summary>
internal sealed record InputTable(string Table, string Column);

/// <summary>The table of what a ready subject gets.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column that holds the subject's key.</param>
/// <param name="Version">The column that holds the version.</param>
/// <param name="Created">When a row was made; null where no column says so.</param>
/// <param name="Updated">When it was changed; null where no column says so.</param>
internal sealed record ResultTable(string Table, string Column, string Version, string? Created, string? Updated);

/// <summary>The edge function that makes it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="VersionParam">The param that gives the version.</param>
/// <param name="AlsoWrites">Other tables that it may write, each with the column that holds the subject's key.</param>
internal sealed record ProfileFunction(string Name, string VersionParam, IReadOnlyList<InputTable> AlsoWrites);

/// <summary>A function of (uuid, text) in <c>public</c>, and where a subject has its token.</summary>
internal sealed record ShareLink(string Function, string? Token, string? Expires);
