using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Whether tables and columns are there, and what the role may do with them.</summary>
internal static class TableChecks
{
    private const string TimeType = "timestamp with time zone";

    public static async Task<BackfillCheck> TablesAsync(
        ReadOnlyTransaction transaction, TargetMap map, CancellationToken cancellationToken)
    {
        const string name = "Tables";
        var needed = NeededBy(map);
        var wanted = needed.SelectMany(t => t.Required.Select(c => (Table: t.QualifiedName, Column: c))).ToList();
        var found = await transaction.ReadAsync(
            ReadOnlyTransaction.Command(
                "Connections/Checks/read_columns",
                Schemas(wanted.Select(w => w.Table)),
                Names(wanted.Select(w => w.Table)),
                wanted.Select(w => w.Column).ToArray()),
            r => new FoundColumn(r.GetString(0), r.GetString(1), r.GetBoolean(2), r.IsDBNull(3) ? null : r.GetString(3)),
            cancellationToken).ConfigureAwait(false);
        var rights = await RightsAsync(transaction, map, cancellationToken).ConfigureAwait(false);

        var absent = needed.Where(t => found.Any(f => f.Table == t.QualifiedName && !f.HasTable)).ToList();
        List<string> faults =
        [
            .. absent.Where(t => !t.IsOptional).Select(t => $"no table {t.QualifiedName}"),
            .. found.Where(f => f.HasTable && f.Type is null).Select(f => $"no column {f.Table}.{f.Column}"),
            .. needed.SelectMany(
                t => found.Where(f => f.Table == t.QualifiedName && f.Column == t.SessionColumn && f.Type is not (null or "uuid")))
                .Select(f => $"{f.Table}.{f.Column} is {f.Type}, not uuid"),
            .. needed.SelectMany(
                t => found.Where(f => f.Table == t.QualifiedName && t.Times.Contains(f.Column) && f.Type is not (null or TimeType)))
                .Select(f => $"{f.Table}.{f.Column} is {f.Type}, not {TimeType}"),
            .. needed.SelectMany(t => found.Where(f => f.Table == t.QualifiedName && t.Texts.Contains(f.Column) && !IsText(f.Type)))
                .Select(f => $"{f.Table}.{f.Column} is {f.Type}, not text"),
            .. rights.Where(r => map.Written.Contains(r.Table) && !r.HasKey).Select(r => $"no primary key on {r.Table}"),
        ];
        if (faults.Count > 0)
            return BackfillCheck.Fail(name, $"{Sentence(faults)}.", "Run the project's migrations, and check that -DatabaseUrl (SUPABASE_DB_URL) is the project's.");
        var there = needed.Count - absent.Count;
        return BackfillCheck.Pass(name, absent.Count == 0
            ? $"{there} tables with the columns and keys that are needed."
            : $"{there} tables with the columns and keys that are needed; this project has no {string.Join(", ", absent.Select(t => t.QualifiedName))}.");
    }

    private static bool IsText(string? type) =>
        type is null or "text" || type.StartsWith("character varying", StringComparison.Ordinal);

    /// <summary>The tables that are there, by need.</summary>
    public static async Task<IReadOnlyList<BackfillCheck>> NeedsAsync(
        ReadOnlyTransaction transaction, TargetMap map, CancellationToken cancellationToken)
    {
        var profile = await map.ReadAsync(transaction, cancellationToken).ConfigureAwait(false);
        var rights = await RightsAsync(transaction, map, cancellationToken).ConfigureAwait(false);
        return [.. NeedChecks.Of(map, profile, [.. rights.Where(r => map.Written.Contains(r.Table) && !r.HasKey).Select(r => r.Table)])];
    }

    public static async Task<BackfillCheck> RightsAsync(
        ReadOnlyTransaction transaction, TargetMap map, string role, CancellationToken cancellationToken)
    {
        const string name = "OwnerRights";
        var rights = await RightsAsync(transaction, map, cancellationToken).ConfigureAwait(false);
        List<string> faults =
        [
            .. rights.Where(r => !r.MayRead).Select(r => $"may not read {r.Table}"),
            .. rights.Where(r => r.IsHidden).Select(r => $"sees {r.Table} through policies, which may hide rows"),
            .. rights.Where(r => map.Written.Contains(r.Table) && !r.IsOwner).Select(r => $"is not in {r.Owner}, which owns {r.Table}"),
        ];
        return rights.Count == 0 ? CheckFailure.Unreached(name, "Tables")
            : faults.Count == 0 ? BackfillCheck.Pass(
                name, $"'{role}' owns the tables that functions write, or is in the role that does, and reads past their policies.")
            : BackfillCheck.Fail(
                name, $"'{role}' {Sentence(faults)}.",
                "Connect as the tables' owner (on Supabase 'postgres'): images must be whole, and a rollback keeps triggers from firing.");
    }

    private static Task<IReadOnlyList<TableRight>> RightsAsync(
        ReadOnlyTransaction transaction, TargetMap map, CancellationToken cancellationToken)
    {
        var tables = NeededBy(map).Select(t => t.QualifiedName).ToList();
        return transaction.ReadAsync(
            ReadOnlyTransaction.Command("Connections/Checks/read_rights", Schemas(tables), Names(tables)),
            r => new TableRight(r.GetString(0), r.GetBoolean(1), r.GetString(2), r.GetBoolean(3), r.GetBoolean(4), r.GetBoolean(5)),
            cancellationToken);
    }

    private static List<NeededColumns> NeededBy(TargetMap map) => [.. map.Needed.Where(n => n.IsOfSessions)];

    private static string Sentence(List<string> faults) => string.Join("; ", faults);

    private static string[] Schemas(IEnumerable<string> tables) => [.. tables.Select(t => t.Split('.')[0])];

    private static string[] Names(IEnumerable<string> tables) => [.. tables.Select(t => t.Split('.')[1])];

    private sealed record FoundColumn(string Table, string Column, bool HasTable, string? Type);

    private sealed record TableRight(string Table, bool IsOwner, string Owner, bool MayRead, bool IsHidden, bool HasKey);
}
