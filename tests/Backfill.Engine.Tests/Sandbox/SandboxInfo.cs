using System.Text.Json;
using Npgsql;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>What the sandbox says of itself on its ready line. Names are those of the JSON, in C#'s manner.</summary>
public sealed record SandboxInfo
{
    internal static readonly JsonSerializerOptions SnakeCase = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary><c>postgresql://</c> as the owner, <c>postgres</c>: no superuser.</summary>
    public required string DatabaseUrl { get; init; }

    /// <summary><c>postgresql://</c> as <c>supabase_admin</c>, the superuser.</summary>
    public required string SuperuserDatabaseUrl { get; init; }

    /// <summary>Without a slash at the end.</summary>
    public required string ApiUrl { get; init; }

    public required string ServiceRoleKey { get; init; }

    public required string AnonKey { get; init; }

    /// <summary><c>staging</c> or <c>production</c>.</summary>
    public required string Environment { get; init; }

    /// <summary>Twenty letters; the keys name it too.</summary>
    public required string ProjectRef { get; init; }

    /// <summary>The sandbox itself; PostgreSQL and the guardian are its children.</summary>
    public required int ProcessId { get; init; }

    /// <summary>The folder of everything; gone when the sandbox is.</summary>
    public required string DataPath { get; init; }

    public required string ServerVersion { get; init; }

    /// <summary>Simulated seconds a real second.</summary>
    public required double ClockFactor { get; init; }

    /// <summary>For <see cref="SandboxControl"/>.</summary>
    public required string ControlKey { get; init; }

    /// <summary>Where <see cref="SandboxControl"/> finds it, also while the API is unreachable.</summary>
    public required string ControlUrl { get; init; }

    /// <summary><see cref="DatabaseUrl"/> as Npgsql takes it.</summary>
    public string ConnectionString => ToConnectionString(DatabaseUrl);

    /// <summary><see cref="SuperuserDatabaseUrl"/> as Npgsql takes it.</summary>
    public string SuperuserConnectionString => ToConnectionString(SuperuserDatabaseUrl);

    private static string ToConnectionString(string url)
    {
        var uri = new Uri(url);
        var user = uri.UserInfo.Split(':');
        return new NpgsqlConnectionStringBuilder
        {
            Host = uri.Host,
            Port = uri.Port,
            Database = uri.AbsolutePath.TrimStart('/'),
            Username = user[0],
            Password = user[1],
            SslMode = SslMode.Disable,
            Pooling = false,
        }.ConnectionString;
    }
}
