using Backfill.Sandbox.Database;
using Npgsql;

namespace Backfill.Sandbox.Traffic;

/// <summary>Whether <c>get_profile_by_session</c> looks at its token. While it does not, what it was is kept.</summary>
internal sealed class TokenPolicy(TrafficDatabase database)
{
    private static readonly string ReadFunction = Sql.Read("Traffic/read_token_function.sql");
    private static readonly string IgnoreTokens = Sql.Read("Traffic/ignore_tokens.sql");

    private string? _sound;

    public bool IsBroken => _sound is not null;

    /// <summary>Breaks it, or makes it what it was; where it is so already, nothing is done.</summary>
    public async Task SetAsync(bool broken, CancellationToken cancellationToken)
    {
        if (broken == IsBroken) return;

        await using var connection = await database.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (_sound is { } sound)
        {
            await ExecuteAsync(connection, sound, cancellationToken).ConfigureAwait(false);
            _sound = null;
            return;
        }

        await using var reading = new NpgsqlCommand(ReadFunction, connection);
        sound = (string)(await reading.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        await ExecuteAsync(connection, IgnoreTokens, cancellationToken).ConfigureAwait(false);
        _sound = sound;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
