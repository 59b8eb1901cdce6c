using System.Data;
using System.Text.Json;
using System.Text.Json.Serialization;
using Dapper;

namespace Backfill.Engine.Ledger;

/// <summary>What Dapper has to be told to make the public types straight from rows: times in UTC, and lists that come as JSON.</summary>
internal static class RowTypes
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter() },
    };

    /// <summary>Tells it; again does no harm.</summary>
    public static void Register()
    {
        SqlMapper.AddTypeHandler(new TimeHandler());
        SqlMapper.AddTypeHandler(new JsonHandler<ItemList<BackfillOperationResult>>(
            text => new(JsonSerializer.Deserialize<List<BackfillOperationResult>>(text, Json)!)));
        SqlMapper.AddTypeHandler(new JsonHandler<IReadOnlyDictionary<string, string?>>(
            text => JsonSerializer.Deserialize<Dictionary<string, string?>>(text)!));
    }

    private sealed class TimeHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        /// <summary>PostgreSQL gives timestamptz as UTC.</summary>
        public override DateTimeOffset Parse(object value) => new(DateTime.SpecifyKind((DateTime)value, DateTimeKind.Utc));

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) => parameter.Value = value.ToUniversalTime();
    }

    private sealed class JsonHandler<T>(Func<string, T> read) : SqlMapper.TypeHandler<T>
    {
        public override T Parse(object value) => read((string)value);

        public override void SetValue(IDbDataParameter parameter, T? value) => throw new NotSupportedException("Only read.");
    }
}
