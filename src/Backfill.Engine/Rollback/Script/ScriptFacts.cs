using Npgsql;

namespace Backfill.Engine.Rollback.Script;

/// <summary>What the head of a script and its guards say; read in the same snapshot as the images.</summary>
internal sealed record ScriptFacts(
    Guid InstallId,
    string Environment,
    string ProjectRef,
    string SystemIdentifier,
    long DatabaseOid,
    string Database,
    string PlanSha256,
    string PlanVersion,
    string RunState,
    DateTimeOffset? StartedAt,
    DateTimeOffset? FinishedAt,
    string TargetJson,
    IReadOnlyList<string> Tables,
    long Sessions,
    long Unsettled,
    DateTimeOffset WrittenAt,
    IReadOnlyList<string> OtherWriters)
{
    /// <summary>The target in words; without its host.</summary>
    public string Target => $"{Environment}, project {ProjectRef}, database {Database}";

    public static ScriptFacts Of(NpgsqlDataReader row) => new(
        row.GetGuid(0),
        row.GetString(1),
        row.GetString(2),
        row.GetString(3),
        row.GetInt64(4),
        row.GetString(5),
        row.GetString(6),
        row.GetString(7),
        row.GetString(8),
        Time(row, 9),
        Time(row, 10),
        row.GetString(11),
        row.GetFieldValue<string[]>(12),
        row.GetInt64(13),
        row.GetInt64(14),
        row.GetFieldValue<DateTimeOffset>(15),
        row.GetFieldValue<string[]>(16));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : row.GetFieldValue<DateTimeOffset>(column);
}
