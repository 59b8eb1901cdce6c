using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>One sandbox for all tests of a class: <c>IClassFixture&lt;SandboxFixture&gt;</c>, or of a collection.</summary>
public class SandboxFixture : IAsyncLifetime
{
    private NpgsqlDataSource? _owner;

    public SandboxProcess Sandbox { get; private set; } = null!;

    /// <summary>The database as its owner.</summary>
    public NpgsqlDataSource Owner => _owner!;

    /// <summary>Whether the owner's connections are kept, for each new one costs the server a process. Not where tests end them all.</summary>
    protected virtual bool KeepsConnections => true;

    /// <summary>As on the sandbox's command line, after <c>run</c>.</summary>
    protected virtual string[] SandboxArguments => [];

    public async ValueTask InitializeAsync()
    {
        Sandbox = await SandboxProcess.StartAsync(SandboxArguments);
        _owner = NpgsqlDataSource.Create(
            new NpgsqlConnectionStringBuilder(Sandbox.Info.ConnectionString) { Pooling = KeepsConnections, MaxPoolSize = 20 });
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_owner is not null) await _owner.DisposeAsync();
        if (Sandbox is not null) await Sandbox.DisposeAsync();
    }

    /// <summary>The first column of the first row.</summary>
    public async Task<T> ScalarAsync<T>(string sql, params object[] parameters)
    {
        await using var command = Owner.CreateCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
