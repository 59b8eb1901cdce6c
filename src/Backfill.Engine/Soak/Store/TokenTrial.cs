using Backfill.Engine.Ledger;
using Backfill.Engine.Soak.Checks;
using Npgsql;

namespace Backfill.Engine.Soak.Store;

/// <summary>Tries share tokens as somebody whom policies bind: the service role passes every one of them.</summary>
internal static class TokenTrial
{
    public static async Task<SoakTokens> TakeAsync(
        ReadOnlyTransaction transaction, IReadOnlyList<SharedSession> sessions, SoakMeter cost, CancellationToken cancellationToken)
    {
        try
        {
            cost.Count(2);
            await transaction.ReadAsync(
                ReadOnlyTransaction.Command("Connections/Checks/become_anon"), r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState
            is PostgresErrorCodes.InsufficientPrivilege or PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            return new(0, [], [], TriedOthers: false, $"The role can't act as anon ({e.MessageText}), so no token was tried. Have it granted: GRANT anon TO the role.");
        }

        if (sessions.Count == 0)
            return new(0, [], [], TriedOthers: false);
        try
        {
            return await TryAsync(transaction, sessions, cost, cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            // What anon may not call, nobody who has a link can read.
            return new(sessions.Count, [.. sessions.Select(s => s.SessionId)], [], sessions.Count > 1, $"anon may not read shared profiles: {e.MessageText}.");
        }
    }

    private static async Task<SoakTokens> TryAsync(
        ReadOnlyTransaction transaction, IReadOnlyList<SharedSession> sessions, SoakMeter cost, CancellationToken cancellationToken)
    {
        // A token that nobody has; and the next session's. A single session has none beside it.
        var wrong = sessions.Select(_ => Guid.NewGuid().ToString("N")).ToArray();
        var others = sessions.Select((_, i) => sessions.Count > 1 ? sessions[(i + 1) % sessions.Count].Token : wrong[i]).ToArray();
        cost.Count(2);
        var tried = await transaction.ReadAsync(
            ReadOnlyTransaction.Command(
                "Soak/Store/try_tokens",
                sessions.Select(s => s.SessionId).ToArray(),
                sessions.Select(s => s.Token).ToArray(),
                wrong,
                others),
            r => (Id: r.GetGuid(0), IsAccepted: r.GetBoolean(1), IsLeaked: r.GetBoolean(2)),
            cancellationToken).ConfigureAwait(false);
        return new(
            tried.Count,
            [.. tried.Where(t => !t.IsAccepted).Select(t => t.Id)],
            [.. tried.Where(t => t.IsLeaked).Select(t => t.Id)],
            sessions.Count > 1);
    }
}
