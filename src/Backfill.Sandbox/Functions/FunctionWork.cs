using Npgsql;
using NpgsqlTypes;

namespace Backfill.Sandbox.Functions;

/// <summary>
/// What one run does in the database, on one connection. Each table commits by itself, as it does behind PostgREST; where
/// the run's effect is to be rolled back, all is one transaction, which is thrown away at the end.
/// </summary>
internal sealed class FunctionWork(NpgsqlDataSource source, FunctionRun run) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _discarded;
    private int _tables;

    public static NpgsqlParameter Value<T>(T value, NpgsqlDbType type) =>
        new NpgsqlParameter<T> { TypedValue = value, NpgsqlDbType = type };

    /// <returns>What the function makes of the first row; null: there is none.</returns>
    public async Task<T?> ReadAsync<T>(string statement, Func<NpgsqlDataReader, T> read, params NpgsqlParameter[] parameters)
        where T : class
    {
        await using var command = await CommandAsync(statement, parameters).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await reader.ReadAsync().ConfigureAwait(false) ? read(reader) : null;
    }

    /// <summary>Writes one table, in one statement. This is where a run stops that is interrupted before it.</summary>
    /// <returns>What the statement returns, if anything.</returns>
    public async Task<object?> WriteAsync(string statement, params NpgsqlParameter[] parameters)
    {
        if (run.Interruption is { } interruption && interruption.IsDue(_tables))
        {
            // It may be long, and a run that waits must not keep a connection from those that work.
            await DisposeAsync().ConfigureAwait(false);
            await interruption.WaitAsync().ConfigureAwait(false);
        }

        await using var command = await CommandAsync(statement, parameters).ConfigureAwait(false);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        var returned = await reader.ReadAsync().ConfigureAwait(false) ? reader.GetValue(0) : null;
        await reader.CloseAsync().ConfigureAwait(false);
        _tables++;
        if (_discarded is null && reader.RecordsAffected > 0) run.WroteTable();
        return returned;
    }

    public async ValueTask DisposeAsync()
    {
        if (_discarded is not null) await _discarded.DisposeAsync().ConfigureAwait(false);
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
        (_discarded, _connection) = (null, null);
    }

    private async ValueTask<NpgsqlCommand> CommandAsync(string statement, NpgsqlParameter[] parameters)
    {
        if (_connection is null)
        {
            _connection = await source.OpenConnectionAsync().ConfigureAwait(false);
            if (run.Effect == Effect.RolledBack) _discarded = await _connection.BeginTransactionAsync().ConfigureAwait(false);
        }

        var command = new NpgsqlCommand(statement, _connection, _discarded);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        return command;
    }
}
