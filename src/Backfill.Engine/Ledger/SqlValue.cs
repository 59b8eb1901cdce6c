using Npgsql;
using NpgsqlTypes;

namespace Backfill.Engine.Ledger;

/// <summary>Values as parameters, with their types spelled out: a null must have a type too.</summary>
internal static class SqlValue
{
    public static NpgsqlParameter Of(object? value) => value switch
    {
        // A parameter belongs to one command, and what failed may be said again.
        NpgsqlParameter parameter => parameter.Clone(),
        string text => Text(text),
        DateTimeOffset time => Time(time),
        TimeSpan span => new() { Value = span, NpgsqlDbType = NpgsqlDbType.Interval },
        null => throw new ArgumentNullException(nameof(value), "A null needs a type: use Text, Time or Number."),
        _ => new() { Value = value },
    };

    public static NpgsqlParameter Text(string? text) => Nullable(text, NpgsqlDbType.Text);

    public static NpgsqlParameter Time(DateTimeOffset? time) => Nullable(time?.ToUniversalTime(), NpgsqlDbType.TimestampTz);

    public static NpgsqlParameter Span(TimeSpan? span) => Nullable(span, NpgsqlDbType.Interval);

    public static NpgsqlParameter Boolean(bool? value) => Nullable(value, NpgsqlDbType.Boolean);

    public static NpgsqlParameter Integer(int? number) => Nullable(number, NpgsqlDbType.Integer);

    public static NpgsqlParameter BigInt(long? number) => Nullable(number, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Uuid(Guid? id) => Nullable(id, NpgsqlDbType.Uuid);

    public static NpgsqlParameter Texts(IEnumerable<string?> texts) => Array(texts, NpgsqlDbType.Text);

    public static NpgsqlParameter Integers(IEnumerable<int> numbers) => Array(numbers, NpgsqlDbType.Integer);

    public static NpgsqlParameter Integers(IEnumerable<int?> numbers) => Array(numbers, NpgsqlDbType.Integer);

    public static NpgsqlParameter BigInts(IEnumerable<long?> numbers) => Array(numbers, NpgsqlDbType.Bigint);

    public static NpgsqlParameter Times(IEnumerable<DateTimeOffset?> times) =>
        Array(times.Select(t => t?.ToUniversalTime()), NpgsqlDbType.TimestampTz);

    public static NpgsqlParameter Uuids(IEnumerable<Guid> ids) => Array(ids, NpgsqlDbType.Uuid);

    private static NpgsqlParameter Nullable(object? value, NpgsqlDbType type) =>
        new() { Value = value ?? DBNull.Value, NpgsqlDbType = type };

    private static NpgsqlParameter Array<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type };
}
