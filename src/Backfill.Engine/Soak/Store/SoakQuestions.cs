using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>The statements of one look, and their answers in the same order. One that a check has no table for is left out.</summary>
/// <param name="gaps">The checks that can't be measured.</param>
internal sealed class SoakQuestions(IReadOnlyDictionary<string, string> gaps)
{
    private readonly List<NpgsqlBatchCommand> _commands = [];
    private readonly Queue<bool> _asked = [];
    private bool _hasBegun;

    public IReadOnlyList<NpgsqlBatchCommand> Commands => _commands;

    public SoakQuestions Add(string check, string sql, params ReadOnlySpan<object> values)
    {
        var isAsked = !gaps.ContainsKey(check);
        _asked.Enqueue(isAsked);
        if (!isAsked)
            return this;
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        _commands.Add(command);
        return this;
    }

    /// <summary>The rows of the next statement; none where it was left out.</summary>
    public async Task<IReadOnlyList<T>> NextAsync<T>(
        NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        var rows = new List<T>();
        if (!_asked.Dequeue())
            return rows;
        if (_hasBegun)
            await reader.NextResultAsync(cancellationToken).ConfigureAwait(false);
        _hasBegun = true;
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            rows.Add(read(reader));
        return rows;
    }
}
