using System.Text.Json;

namespace Backfill.Engine.Gates;

/// <summary>Criteria as a decision keeps them.</summary>
internal static class GateCriteriaJson
{
    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Write(IEnumerable<BackfillGateCriterion> criteria) => JsonSerializer.Serialize(criteria, Snake);

    public static IReadOnlyList<BackfillGateCriterion> Read(string json) =>
        JsonSerializer.Deserialize<List<BackfillGateCriterion>>(json, Snake)!;
}
