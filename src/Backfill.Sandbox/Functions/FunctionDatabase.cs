using Npgsql;

namespace Backfill.Sandbox.Functions;

/// <summary>The functions' own connections. They work as <c>service_role</c>, like the client that a real function makes.</summary>
internal sealed class FunctionDatabase(NpgsqlConnectionStringBuilder superuser) : IAsyncDisposable
{
    private readonly NpgsqlDataSource _source = NpgsqlDataSource.Create(
        new NpgsqlConnectionStringBuilder(superuser.ConnectionString)
        {
            ApplicationName = "edge functions",
            Options = "-c role=service_role",
            MaxPoolSize = 40,
            MaxAutoPrepare = 10,
            AutoPrepareMinUsages = 1,
            NoResetOnClose = true,
        });

    /// <summary>For one run. Nothing is opened before it is needed.</summary>
    public FunctionWork Begin(FunctionRun run) => new(_source, run);

    /// <summary>Drops the connections: the server at their other end is gone.</summary>
    public void Forget() => _source.Clear();

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}
