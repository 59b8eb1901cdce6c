using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Npgsql;

namespace Backfill.Engine.Profiles;

/// <summary>
/// How what is known by name lies on a target. Statements are written for the known system; on another project its tables stand in
/// their place, and what it has no table for is not measured.
/// </summary>
internal sealed partial class TargetMap
{
    private readonly ConcurrentDictionary<string, string> _statements = new(StringComparer.Ordinal);

    private TargetMap(DeclaredTarget? declared)
    {
        Declared = declared;
        Needed = Project is { } project ? NeededBy(project, LogTable) : NeededColumns.All;
        if (Project is null && LogTable is not null)
            Needed = [.. Needed.Select(n => n.Table == Logs ? n with { Table = LogTable } : n)];
    }

    private const string Logs = "fn_logs";

    /// <summary>The known system, as it is detected.</summary>
    public static TargetMap Default { get; } = new(null);

    public DeclaredTarget? Declared { get; }

    /// <summary>Another project; null for the known system.</summary>
    public DeclaredProject? Project => Declared?.Project;

    private string? LogTable => Declared?.LogTable;

    /// <summary>The tables and columns that are looked for, by their own names.</summary>
    public IReadOnlyList<NeededColumns> Needed { get; }

    /// <summary>The tables that functions write, qualified.</summary>
    public IReadOnlyList<string> Written =>
        Project is { } project ? project.Footprint.Writes : [.. Footprint.Known.Tables.Select(t => t.Name)];

    /// <summary>The edge functions.</summary>
    public IReadOnlyList<string> Functions =>
        Project is { } project ? [project.Function.Name] : [.. Footprint.Known.Functions.Select(f => f.Function)];

    /// <summary>The tables without which nothing here works, qualified.</summary>
    public IReadOnlyList<string> RequiredTables => Project is { } project
        ? [$"public.{project.Subject.Table}", .. project.Tables.Select(t => t.Table)]
        : ServerFactsReader.KnownTables;

    /// <summary>Reads a profile; the known system where there is none.</summary>
    /// <param name="path">The file, a full path; null: none.</param>
    public static TargetMap Read(string? path) => path is null ? Default : new(DeclaredTargetReader.Read(path));

    /// <summary>A statement as it is for this target.</summary>
    public string Load(string name) => Declared is null ? SqlText.Load(name) : _statements.GetOrAdd(name, n => Of(SqlText.Load(n)));

    /// <summary>A text of SQL as it is for this target.</summary>
    public string Of(string sql)
    {
        if (LogTable is { } logs)
            sql = sql.Replace($"public.{Logs}", Table(logs), StringComparison.Ordinal);
        if (Project is not { } project)
            return sql;
        sql = ScoresJoin()
            .Replace(sql, "left join lateral (select s.id as session_id where $1::text is not null and $2::text is not null) f on true")
            .Replace("'completed'", SqlText.Literal(project.Subject.ReadyValue), StringComparison.Ordinal)
            // It has no forced-choice answers.
            .Replace("public.fc_responses", "(select null::uuid as session_id where false)", StringComparison.Ordinal);
        foreach (var table in Tables(project))
            sql = sql.Replace($"public.{table.Known}", $"(select {string.Join(", ", table.Selected)} from {Table(table.Own)} x)", StringComparison.Ordinal);
        return sql;
    }

    /// <summary>The statements of <see cref="ReadAsync(NpgsqlDataReader, CancellationToken)"/>, in order.</summary>
    public IReadOnlyList<NpgsqlBatchCommand> Commands =>
    [
        ReadOnlyTransaction.Command("Connections/read_profile", (object)Needed.Select(n => n.Table).ToArray()),
        ReadOnlyTransaction.Command("Connections/read_token_functions", (object?)Declared?.Link?.Function ?? DBNull.Value),
    ];

    /// <summary>Reads what the target has, by its own names.</summary>
    public async Task<TargetProfile> ReadAsync(ReadOnlyTransaction transaction, CancellationToken cancellationToken)
    {
        await using var reader = await transaction.ExecuteAsync(Commands, cancellationToken).ConfigureAwait(false);
        return await ReadAsync(reader, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads the results of <see cref="Commands"/>.</summary>
    /// <param name="reader">Stands before the rows of the first.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<TargetProfile> ReadAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var found = await TargetProfile.ReadAsync(reader, cancellationToken).ConfigureAwait(false);
        return Project is not null && Declared!.Link is null ? found with { TokenFunction = null } : found;
    }

    /// <summary>The same by the names that statements use.</summary>
    public TargetProfile Known(TargetProfile found)
    {
        if (Declared is null)
            return found;
        var columns = new Dictionary<string, IReadOnlySet<string>>(found.Columns, StringComparer.Ordinal);
        if (LogTable is { } logs)
            Put(Logs, found.Columns.GetValueOrDefault(logs));
        if (Project is not { } project)
            return found with { Columns = columns };
        var known = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        if (LogTable is not null && columns.TryGetValue(Logs, out var log))
            known[Logs] = log;
        foreach (var table in Tables(project).Where(t => found.Has(t.Own)))
            known[table.Known] = table.Columns.Where(c => c.Own is { } own && found.Has(table.Own, own)).Select(c => c.Known).ToHashSet(StringComparer.Ordinal);
        return found with { Columns = known };

        void Put(string name, IReadOnlySet<string>? of)
        {
            columns.Remove(name);
            if (of is not null)
                columns[name] = of;
        }
    }

    /// <summary>What the profile says, for a person.</summary>
    public string Words()
    {
        if (Project is not { } project)
        {
            var link = Declared?.Link is { } named ? $", share links through {named.Function}" : "";
            return $"the known system{link}{(LogTable is { } logs ? $", events in {logs}" : "")}";
        }

        var (subject, result) = (project.Subject, project.Result);
        return $"{subject.Table} ({subject.Key}) with {subject.Ready} '{subject.ReadyValue}' at {subject.When} "
            + $"get {result.Table} ({result.Column}, {result.Version}) from {project.Function.Name}";
    }

    /// <summary>By the name that statements use, the project's own table and its columns.</summary>
    private IReadOnlyList<MappedTable> Tables(DeclaredProject project)
    {
        var (subject, result, link) = (project.Subject, project.Result, Declared!.Link);
        return
        [
            new("assessment_sessions", subject.Table,
            [
                new("id", subject.Key),
                new("status", subject.Ready),
                new("completed_at", subject.When, IsTime: true),
                new("created_at", subject.Created, IsTime: true),
                new("updated_at", null, IsTime: true),
                new("share_token", link?.Token, IsText: true),
                new("share_token_expires_at", link?.Expires, IsTime: true),
            ]),
            // Where a function needs no rows of another table, each row is its own input.
            new("assessment_responses", project.Input?.Table ?? subject.Table, [new("session_id", project.Input?.Column ?? subject.Key)]),
            new("profiles", result.Table,
            [
                new("session_id", result.Column),
                new("results_version", result.Version, IsText: true),
                new("created_at", result.Created, IsTime: true),
                new("updated_at", result.Updated, IsTime: true),
            ]),
        ];
    }

    private static List<NeededColumns> NeededBy(DeclaredProject project, string? logTable)
    {
        var (subject, result) = (project.Subject, project.Result);
        string[] ready = [subject.Ready, subject.When];
        List<NeededColumns> needed =
        [
            new(subject.Table, subject.Key, ready, [.. ready, .. Some(subject.Created)], ready)
            {
                Times = [subject.When, .. Some(subject.Created)],
            },
            new(
                result.Table,
                result.Column,
                [result.Version],
                [result.Version],
                [result.Version, .. Some(result.Created), .. Some(result.Updated)])
            {
                Texts = [result.Version],
            },
            .. project.Function.AlsoWrites.Select(w => new NeededColumns(w.Table, w.Column, [], [], [])),
        ];
        if (project.Input is { } input)
            needed.Add(new(input.Table, input.Column, [], [], []));
        if (logTable is not null)
            needed.Add(NeededColumns.All.First(n => n.Table == Logs) with { Table = logTable });
        return needed;

        static IEnumerable<string> Some(string? column) => column is null ? [] : [column];
    }

    private static string Table(string table) => SqlText.Quote($"public.{table}");

    private static string Name(string column) => SqlText.Quote(column);

    [GeneratedRegex(@"left join public\.fc_scores f on f\.session_id = s\.id and f\.version = (\$\d) and f\.fc_kind = (\$\d)")]
    private static partial Regex ScoresJoin();

    /// <summary>A column by the name that statements use.</summary>
    /// <param name="Known">That name.</param>
    /// <param name="Own">The project's; null where it has none: then it is null, as in a row without a value.</param>
    /// <param name="IsTime">Whether it is a timestamptz.</param>
    /// <param name="IsText">Whether it is compared as text.</param>
    private sealed record MappedColumn(string Known, string? Own, bool IsTime = false, bool IsText = false)
    {
        public string Selected =>
            $"{(Own is null ? "null" : $"x.{Name(Own)}")}{(IsTime ? "::timestamptz" : IsText ? "::text" : "")} as {Known}";
    }

    private sealed record MappedTable(string Known, string Own, IReadOnlyList<MappedColumn> Columns)
    {
        public IEnumerable<string> Selected => Columns.Select(c => c.Selected);
    }
}
