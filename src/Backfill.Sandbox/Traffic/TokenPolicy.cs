using System.Text.Json;
using Backfill.Sandbox.Database;
using Backfill.Sandbox.Eras;
using Npgsql;

namespace Backfill.Sandbox.Traffic;

/// <summary>Whether the era's token function looks at its token. While it does not, what it was is kept.</summary>
internal sealed class TokenPolicy(TrafficDatabase database, Era era)
{
    private const string Condition = "s.share_token = p_share_token";

    private static readonly string ReadFunction = Sql.Read("Traffic/read_token_function.sql");

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

        await using var reading = new NpgsqlCommand(ReadFunction, connection)
        {
            Parameters = { new() { Value = $"public.{era.TokenFunction}(uuid, text)" } },
        };
        sound = (string)(await reading.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        if (!sound.Contains(Condition, StringComparison.Ordinal))
            throw new JsonException($"{era.TokenFunction} is not what the sandbox made, so its look at the token can't be taken out.");
        // Replaced, not created anew: owner and rights stay as they are.
        await ExecuteAsync(connection, sound.Replace(Condition, "true", StringComparison.Ordinal), cancellationToken).ConfigureAwait(false);
        _sound = sound;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string statement, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(statement, connection);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }
}
