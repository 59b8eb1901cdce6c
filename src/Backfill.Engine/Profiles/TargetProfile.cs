using Npgsql;

namespace Backfill.Engine.Profiles;

/// <summary>A function that gives what a share link shows.</summary>
/// <param name="Name">Its name in <c>public</c>; it takes a uuid and a text.</param>
/// <param name="IsOpenToAnonymous">Whether <c>anon</c> may call it.</param>
internal sealed record TokenFunction(string Name, bool IsOpenToAnonymous)
{
    /// <summary>For messages.</summary>
    public string Signature => $"public.{Name}(uuid, text)";
}

/// <summary>What the target has of all that something here reads by name. Projects differ, and change while we work on them.</summary>
/// <param name="Columns">By table of <c>public</c>; a table that isn't there has no entry.</param>
/// <param name="TokenFunction">What a share link is read through; null where there is no such function.</param>
internal sealed record TargetProfile(IReadOnlyDictionary<string, IReadOnlySet<string>> Columns, TokenFunction? TokenFunction)
{
    /// <summary>A target that has all of it; what is asked of one is what can be asked at all.</summary>
    public static TargetProfile Complete { get; } = new(
        NeededColumns.All.ToDictionary(
            n => n.Table, n => (IReadOnlySet<string>)n.Known.ToHashSet(StringComparer.Ordinal), StringComparer.Ordinal),
        new("get_profile_by_session", true));

    /// <summary>Reads tables with their columns, then functions that take a token.</summary>
    /// <param name="reader">Stands before the rows of the first.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async Task<TargetProfile> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var columns = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            columns[reader.GetString(0)] = reader.GetFieldValue<string[]>(1).ToHashSet(StringComparer.Ordinal);
        await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        var function = await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? new TokenFunction(reader.GetString(0), reader.GetBoolean(1))
            : null;
        return new(columns, function);
    }

    public bool Has(string table) => Columns.ContainsKey(table);

    public bool Has(string table, string column) => Columns.TryGetValue(table, out var columns) && columns.Contains(column);

    /// <summary>Of some columns those that the table has, in their order.</summary>
    public IReadOnlyList<string> Of(string table, params IEnumerable<string> columns) => [.. columns.Where(c => Has(table, c))];

    /// <summary>What of a table and some of its columns isn't there, in words; null where all of it is.</summary>
    public string? Lacks(string table, params IEnumerable<string> columns)
    {
        if (!Has(table))
            return $"no table public.{table}";
        var missing = columns.Where(c => !Has(table, c)).ToList();
        return missing.Count == 0 ? null : $"no column {string.Join(", ", missing.Select(c => $"public.{table}.{c}"))}";
    }
}
