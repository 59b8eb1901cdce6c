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
    public IReadOnlyList<string> Written => Project?.Footprint.Writes ?? (IReadOnlyList<string>)[.. Footprint.Known.Tables.Select(t => t.Name)];

    /// <summary>The edge functions.</summary>
    public IReadOnlyList<string> Functions => Project is { } project ? [project.Function.Name] : [.. Footprint.Known.Functions.Select(f => f.Function)];

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
        var (subject, result) = (project.Subject, project.Result);
        var everybody = $"(select x.{Name(subject.Key)} as session_id from {Table(subject.Table)} x)";
        return ScoresJoin().Replace(sql, "left join lateral (select s.id as session_id where $1::text is not null and $2::text is not null) f on true")
            .Replace("'completed'", SqlText.Literal(subject.ReadyValue), StringComparison.Ordinal)
            .Replace("public.assessment_sessions", Sessions(subject), StringComparison.Ordinal)
            .Replace("public.assessment_responses", project.Input is { } input
                ? $"(select x.{Name(input.Column)} as session_id from {Table(input.Table)} x)"
                : everybody, StringComparison.Ordinal)
            .Replace("public.fc_responses", "(select null::uuid as session_id where false)", StringComparison.Ordinal)
            .Replace("public.profiles", Select(
                result.Table, ("session_id", result.Column), ("results_version", result.Version), ("created_at", result.Created), ("updated_at", result.Updated)), StringComparison.Ordinal);
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
        var (subject, result, link) = (project.Subject, project.Result, Declared.Link);
        var known = new Dictionary<string, IReadOnlySet<string>>(StringComparer.Ordinal);
        if (columns.TryGetValue(Logs, out var log) && LogTable is not null)
            known[Logs] = log;
        Add("assessment_sessions", subject.Table, ("id", subject.Key), ("status", subject.Ready), ("completed_at", subject.When), ("created_at", subject.Created), ("share_token", link?.Token), ("share_token_expires_at", link?.Expires));
        Add("assessment_responses", project.Input?.Table ?? subject.Table, ("session_id", project.Input?.Column ?? subject.Key));
        Add("profiles", result.Table, ("session_id", result.Column), ("results_version", result.Version), ("created_at", result.Created), ("updated_at", result.Updated));
        return found with { Columns = known };

        void Put(string name, IReadOnlySet<string>? of)
        {
            columns.Remove(name);
            if (of is not null)
                columns[name] = of;
        }

        void Add(string name, string table, params ReadOnlySpan<(string Known, string? Own)> pairs)
        {
            if (!found.Has(table))
                return;
            var there = new HashSet<string>(StringComparer.Ordinal);
            foreach (var (as_, own) in pairs)
            {
                if (own is not null && found.Has(table, own))
                    there.Add(as_);
            }

            known[name] = there;
        }
    }

    /// <summary>What the profile says, for a person.</summary>
    public string Words() => Project is { } project
        ? $"{project.Subject.Table} ({project.Subject.Key}) with {project.Subject.Ready} '{project.Subject.ReadyValue}' at {project.Subject.When} get {project.Result.Table} ({project.Result.Column}, {project.Result.Version}) from {project.Function.Name}"
        : $"the known system{(Declared?.Link is { } link ? $", share links through {link.Function}" : "")}{(LogTable is { } logs ? $", events in {logs}" : "")}";

    private string Sessions(SubjectTable subject)
    {
        // What isn't there is null: it then says as little as in a row without it.
        var link = Declared!.Link;
        List<string> columns =
        [
            $"x.{Name(subject.Key)} as id",
            $"x.{Name(subject.Ready)} as status",
            $"x.{Name(subject.When)} as completed_at",
            $"{(subject.Created is { } created ? $"x.{Name(created)}" : "null::timestamptz")} as created_at",
            "null::timestamptz as updated_at",
        ];
        if (link?.Token is { } token)
            columns.Add($"x.{Name(token)} as share_token");
        if (link?.Expires is { } expires)
            columns.Add($"x.{Name(expires)} as share_token_expires_at");
        return $"(select {string.Join(", ", columns)} from {Table(subject.Table)} x)";
    }

    private static string Select(string table, params ReadOnlySpan<(string Known, string? Own)> columns)
    {
        var list = new List<string>();
        foreach (var (known, own) in columns)
        {
            if (own is not null)
                list.Add($"x.{Name(own)}{(known == "results_version" ? "::text" : "")} as {known}");
        }

        return $"(select {string.Join(", ", list)} from {Table(table)} x)";
    }

    private static List<NeededColumns> NeededBy(DeclaredProject project, string? logTable)
    {
        var (subject, result) = (project.Subject, project.Result);
        List<NeededColumns> needed =
        [
            new(subject.Table, subject.Key, [subject.Ready, subject.When], [subject.Ready, subject.When, .. Some(subject.Created)], [subject.Ready, subject.When]),
            new(result.Table, result.Column, [result.Version], [result.Version], [result.Version, .. Some(result.Created), .. Some(result.Updated)]),
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
}
