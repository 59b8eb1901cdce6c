using Backfill.Engine.Ledger;
using Npgsql;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Whether the role may act as <c>anon</c>: a token can be tested only as somebody whom policies bind.</summary>
internal static class AnonymousRoleCheck
{
    private const string Name = "AnonRole";

    public static async Task<BackfillCheck> TakeAsync(ReadOnlyTransaction transaction, string role, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.ReadAsync(
                ReadOnlyTransaction.Command("Connections/Checks/become_anon"), r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            return BackfillCheck.Fail(Name, $"'{role}' may not act as anon.", "Have it granted: GRANT anon TO the role; on Supabase 'postgres' has it.");
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            return BackfillCheck.Fail(Name, "There is no role anon.", "Check that -DatabaseUrl (SUPABASE_DB_URL) is a Supabase project's.");
        }

        var found = await transaction.ReadAsync(
            ReadOnlyTransaction.Command("Connections/Checks/read_profile_function"), r => r.GetBoolean(1), cancellationToken).ConfigureAwait(false);
        return found.Count == 0
            ? BackfillCheck.Fail(Name, "There is no function public.get_profile_by_session(uuid, text).", "Run the project's migrations: shared profiles are read through it.")
            : found[0]
                ? BackfillCheck.Pass(Name, $"'{role}' may act as anon, and anon may call public.get_profile_by_session.")
                : BackfillCheck.Fail(
                    Name, "anon may not call public.get_profile_by_session.",
                    "Have it granted: GRANT EXECUTE ON FUNCTION public.get_profile_by_session(uuid, text) TO anon.");
    }
}
