using Backfill.Engine.Apply.Call;
using Npgsql;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>Statements that do anything to the rows of a session, from a seed.</summary>
internal sealed class RandomWrites(int seed)
{
    // Seeds that lie next to each other begin alike.
    private readonly Random _random = new(unchecked(seed * (int)2654435761));

    /// <summary>So many statements over the session's rows; what a foreign key forbids is left out.</summary>
    /// <param name="session">Whose rows.</param>
    /// <param name="others">Whose rows they may refer to beside their own.</param>
    /// <param name="count">How many statements.</param>
    public string Some(Guid session, Guid[] others, int count) =>
        string.Join(";\n", Enumerable.Range(0, count).Select(_ => Guarded(One(session, others))));

    public static string Guarded(string statement) =>
        $"do $w$ begin {statement}; exception when foreign_key_violation or unique_violation then null; end $w$";

    private string One(Guid session, Guid[] others)
    {
        var to = others.Length > 0 && _random.Next(2) == 0 ? others[_random.Next(others.Length)] : session;
        var (s, n, name, text) = ($"'{session}'", _random.Next(5), $"'{Name()}'", $"'text {_random.Next(1000)}'");
        // Some row that is there, or none.
        string Any(string table, string key) => $"from random.{table} t where t.session_id = '{to}' order by md5(t.{key} || '{_random.Next(1000)}') limit 1";
        return _random.Next(15) switch
        {
            0 or 1 => $"insert into random.folder values ({s}, {name}, null, {_random.Next(100)}.50) on conflict (session_id, name) do update set size = excluded.size",
            2 => $"update random.folder set size = size + 1 where session_id = {s} and name = {name}",
            3 => $"update random.folder set inside = nullif('{Name()}', name) where session_id = {s} and name = {name}",
            4 => $"delete from random.folder where session_id = {s} and name = {name}",
            5 or 6 => $"insert into random.note select {s}, {n}, t.session_id, t.name, {text} {Any("folder", "name")} on conflict (session_id, n) do update set folder_session = excluded.folder_session, folder_name = excluded.folder_name",
            7 => $"delete from random.note where session_id = {s} and n = {n}",
            8 or 9 => $"insert into random.mark select {s}, {n}, t.session_id, t.name, {text} {Any("folder", "name")} on conflict (session_id, n) do update set folder_session = excluded.folder_session, folder_name = excluded.folder_name",
            10 => $"delete from random.mark where session_id = {s} and n = {n}",
            11 => $"insert into random.stamp select {s}, {n}, t.session_id, t.n, {text} {Any("note", "n")} on conflict (session_id, n) do update set note_session = excluded.note_session, note_n = excluded.note_n",
            12 => $"delete from random.stamp where session_id = {s} and n = {n}",
            13 => $"insert into random.lone values ({s}, {n}, {text}) on conflict (session_id, n) do update set body = excluded.body",
            _ => $"delete from random.lone where session_id = {s} and n = {n}",
        };
    }

    private char Name() => "abcd"[_random.Next(4)];
}

/// <summary>A function that does anything, and fails in every way; others write between its calls.</summary>
/// <param name="world">Where.</param>
/// <param name="seed">From which all of it follows.</param>
/// <param name="fails">Whether it may fail, or its caller be killed.</param>
/// <param name="meddles">Whether others write meanwhile.</param>
internal sealed class RandomFunction(RandomWorld world, int seed, bool fails, bool meddles) : IFunctionCaller
{
    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        var its = unchecked((seed * 397) + (Array.IndexOf(world.Sessions, call.SessionId) * 31) + call.Attempt);
        var random = new Random(unchecked(its * (int)2654435761));
        if (meddles && random.Next(3) == 0)
        {
            var another = world.Sessions.Concat(world.Bystanders).ElementAt(random.Next(7));
            await RunAsync(new RandomWrites(its + 1).Some(another, [.. world.Sessions], 2));
        }

        var fault = fails ? random.Next(12) : 12;
        if (fault == 0)
            throw new InvalidOperationException("killed before it wrote");
        if (fault == 1)
            return new() { StatusCode = 400 };
        if (fault == 2)
            return new() { Fault = ReplyFault.Timeout };
        // That it has written is proved by a row of this table.
        var proof = $"insert into random.lone values ('{call.SessionId}', 100 + {call.Attempt}, 'proof')";
        await RunAsync(new RandomWrites(its + 2).Some(call.SessionId, [], 2 + random.Next(10)) + ";\n" + RandomWrites.Guarded(proof));
        return fault switch
        {
            3 => throw new InvalidOperationException("killed after it wrote"),
            4 => new() { Fault = ReplyFault.Timeout },
            _ => SqlFunctions.Ok,
        };
    }

    private async Task RunAsync(string sql)
    {
        await using var command = world.Pooled.CreateCommand(sql);
        try
        {
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.DeadlockDetected)
        {
            // Two of them met; nothing was written.
        }
    }
}
