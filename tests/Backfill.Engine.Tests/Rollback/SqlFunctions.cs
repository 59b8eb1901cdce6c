using Backfill.Engine.Apply.Call;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Functions that write by SQL: what the platform's would do, without the way there.</summary>
/// <param name="database">Where they write.</param>
/// <param name="write">What a call runs, in one transaction; its session is <c>$1</c>.</param>
/// <param name="answer">What it answers once that is committed.</param>
internal sealed class SqlFunctions(
    NpgsqlDataSource database, Func<FunctionCall, string> write, Func<FunctionCall, FunctionReply>? answer = null) : IFunctionCaller
{
    public static FunctionReply Ok { get; } = new() { StatusCode = 200 };

    /// <summary>Several statements take no parameters.</summary>
    public static string For(Guid session, string sql) => sql.Replace("$1", $"'{session}'::uuid", StringComparison.Ordinal);

    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(For(call.SessionId, write(call)));
        await command.ExecuteNonQueryAsync(CancellationToken.None);
        return answer?.Invoke(call) ?? Ok;
    }
}
