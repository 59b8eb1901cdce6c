using Backfill.Engine.Ledger;
using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Whether the role may act as <c>anon</c>: a token can be tested only as somebody whom policies bind.</summary>
internal static class AnonymousRoleCheck
{
    private const string Name = "AnonRole";

    public static async Task<BackfillCheck> TakeAsync(
        ReadOnlyTransaction transaction, TargetMap map, string role, CancellationToken cancellationToken)
    {
        try
        {
            await transaction.ReadAsync(
                ReadOnlyTransaction.Command("Connections/Checks/become_anon"), r => r.GetString(0), cancellationToken)
                    .ConfigureAwait(false);
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InsufficientPrivilege)
        {
            return BackfillCheck.Fail(
                Name, $"'{role}' may not act as anon.", "Have it granted: GRANT anon TO the role; on Supabase 'postgres' has it.");
        }
        catch (PostgresException e) when (e.SqlState is PostgresErrorCodes.InvalidParameterValue or PostgresErrorCodes.UndefinedObject)
        {
            return BackfillCheck.Fail(Name, "There is no role anon.", "Check that -DatabaseUrl (SUPABASE_DB_URL) is a Supabase project's.");
        }

        return (await map.ReadAsync(transaction, cancellationToken).ConfigureAwait(false)).TokenFunction switch
        {
            null => BackfillCheck.Warn(
                Name, $"'{role}' may act as anon, and there is no function of (uuid, text) to read a shared profile through.",
                "Run the project's migrations, if it has such a function (get_profile_by_session, get_results_by_session). A soak can't try tokens without one."),
            { IsOpenToAnonymous: true } function =>
                BackfillCheck.Pass(Name, $"'{role}' may act as anon, and anon may call public.{function.Name}."),
            var function => BackfillCheck.Fail(
                Name, $"anon may not call public.{function.Name}.", $"Have it granted: GRANT EXECUTE ON FUNCTION {function.Signature} TO anon."),
        };
    }
}
