using Npgsql;

namespace Backfill.Sandbox.Functions;

/// <summary>The functions' own connections. They work as <c>service_role</c>, like the client that a real function makes.</summary>
internal static class FunctionDatabase
{
    public static NpgsqlDataSource Open(NpgsqlConnectionStringBuilder superuser) => NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(superuser.ConnectionString)
        {
            ApplicationName = "edge functions",
            Options = "-c role=service_role",
            MaxPoolSize = 40,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 1,
            NoResetOnClose = true,
        });
}
