using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Backfill.Engine.Soak.Checks;
using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>Tries share tokens as somebody whom policies bind: the service role passes every one of them.</summary>
/// <param name="function">What a share link is read through.</param>
/// <param name="sql">The statements.</param>
/// <param name="cost">Takes what it costs.</param>
internal sealed class TokenTrial(TokenFunction function, SoakSql sql, SoakMeter cost)
{
    private const string Savepoint = "backfill_token";

    /// <param name="begin">Begins a transaction that only reads.</param>
    /// <param name="sessions">Whose tokens.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public async Task<SoakTokens> TakeAsync(
        Func<Task<ReadOnlyTransaction>> begin, IReadOnlyList<SharedSession> sessions, CancellationToken cancellationToken)
    {
        try
        {
            await using var transaction = await begin().ConfigureAwait(false);
            if (await BecomeAnonymousAsync(transaction, cancellationToken).ConfigureAwait(false) is { } problem)
                return new(0, [], [], TriedOthers: false, problem);
            return sessions.Count == 0
                ? new(0, [], [], TriedOthers: false)
                : await TryAsync(transaction, sessions, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege && !function.IsOpenToAnonymous)
        {
            // What anon may not call, nobody who has a link can read.
            return new(sessions.Count, [.. sessions.Select(s => s.SessionId)], [], sessions.Count > 1, $"anon may not read shared profiles: {e.MessageText}.");
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.ReadOnlySqlTransaction)
        {
            return Unmeasurable();
        }
        catch (PostgresException e) when (IsOfTheFunction(e))
        {
            // It refuses a token with an error, so each call is tried by itself.
            await using var transaction = await begin().ConfigureAwait(false);
            await BecomeAnonymousAsync(transaction, cancellationToken).ConfigureAwait(false);
            return await TryOneByOneAsync(transaction, sessions, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<string?> BecomeAnonymousAsync(ReadOnlyTransaction transaction, CancellationToken cancellationToken)
    {
        try
        {
            cost.Count(2);
            await transaction.ReadAsync(
                ReadOnlyTransaction.Command("Connections/Checks/become_anon"), r => r.GetString(0), cancellationToken)
                    .ConfigureAwait(false);
            return null;
        }
        catch (PostgresException e) when (e.SqlState
            is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            return $"The role can't act as anon ({e.MessageText}), so no token was tried. Have it granted: GRANT anon TO the role.";
        }
    }

    private async Task<SoakTokens> TryAsync(
        ReadOnlyTransaction transaction, IReadOnlyList<SharedSession> sessions, CancellationToken cancellationToken)
    {
        var trials = Trials(sessions);
        cost.Count(2);
        var tried = await transaction.ReadAsync(
            Command(
                sql.TokenTrial,
                trials.Select(t => t.Session.SessionId).ToArray(),
                trials.Select(t => t.Session.Token).ToArray(),
                trials.Select(t => t.Wrong).ToArray(),
                trials.Select(t => t.Other).ToArray(),
                Guid.NewGuid()),
            r => (Id: r.GetGuid(0), IsAccepted: r.GetBoolean(1), IsLeaked: r.GetBoolean(2)),
            cancellationToken).ConfigureAwait(false);
        return new(
            tried.Count,
            [.. tried.Where(t => !t.IsAccepted).Select(t => t.Id)],
            [.. tried.Where(t => t.IsLeaked).Select(t => t.Id)],
            sessions.Count > 1)
        { Function = function.Name };
    }

    private async Task<SoakTokens> TryOneByOneAsync(
        ReadOnlyTransaction transaction, IReadOnlyList<SharedSession> sessions, CancellationToken cancellationToken)
    {
        List<Guid> refused = [], leaked = [];
        foreach (var (session, wrong, other) in Trials(sessions))
        {
            if (await TryAsync(transaction, session.SessionId, session.Token, cancellationToken).ConfigureAwait(false) is not { HoldsSession: true })
                refused.Add(session.SessionId);
            foreach (var token in (string[])[wrong, other])
            {
                if (await TryAsync(transaction, session.SessionId, token, cancellationToken).ConfigureAwait(false) is { HoldsAnything: true })
                {
                    leaked.Add(session.SessionId);
                    break;
                }
            }
        }

        return new(sessions.Count, refused, leaked, sessions.Count > 1) { Function = function.Name };
    }

    /// <returns>Null: the function ended with an error.</returns>
    private async Task<Answer?> TryAsync(ReadOnlyTransaction transaction, Guid session, string token, CancellationToken cancellationToken)
    {
        cost.Count(3);
        await using (await transaction.ExecuteAsync([new($"savepoint {Savepoint}")], cancellationToken).ConfigureAwait(false))
        {
        }

        try
        {
            var answers = await transaction.ReadAsync(
                Command(sql.OneToken, session, token), r => new Answer(r.GetBoolean(0), r.GetBoolean(1)), cancellationToken)
                    .ConfigureAwait(false);
            return answers[0];
        }
        catch (PostgresException e) when (IsOfTheFunction(e))
        {
            // Not with the settings in the same round trip: nothing but this is heard in a transaction that has failed.
            await using var back = new NpgsqlCommand($"rollback to savepoint {Savepoint}", transaction.Connection);
            await back.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>A token that nobody has; and the next session's. A single session has none beside it.</summary>
    private static List<(SharedSession Session, string Wrong, string Other)> Trials(IReadOnlyList<SharedSession> sessions)
    {
        var trials = new List<(SharedSession, string, string)>(sessions.Count);
        for (var i = 0; i < sessions.Count; i++)
        {
            var wrong = Guid.NewGuid().ToString("N");
            trials.Add((sessions[i], wrong, sessions.Count > 1 ? sessions[(i + 1) % sessions.Count].Token : wrong));
        }

        return trials;
    }

    private SoakTokens Unmeasurable() => new(0, [], [], TriedOthers: false)
    {
        Function = function.Name,
        NotMeasured = $"{function.Signature} writes when it is called, and a soak only reads: no token was tried.",
    };

    /// <summary>
    /// What the function says of its arguments: raised by it, of a value, of a right. Not what happens to a connection or a statement.
    /// </summary>
    private static bool IsOfTheFunction(PostgresException e) =>
        e.SqlState is not PostgresErrorCodes.ReadOnlySqlTransaction
            && e.SqlState[..2] is "P0" or "02" or "21" or "22" or "28" or "42" or "PT" or "PG";

    private static NpgsqlBatchCommand Command(string text, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private sealed record Answer(bool HoldsSession, bool HoldsAnything);
}
