using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;

namespace Backfill.Engine.Tests.Connections;

/// <summary>A real pooler before a sandbox's database, with a single server connection to each: as hard as it gets.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private static readonly string[] Places = ["/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/opt/homebrew/bin/pgbouncer", "/usr/local/bin/pgbouncer"];

    private readonly Process _process;
    private readonly string _configuration;

    private PgBouncer(Process process, string configuration, int port)
    {
        _process = process;
        _configuration = configuration;
        Port = port;
    }

    public int Port { get; }

    public static string? Program => Places.FirstOrDefault(File.Exists);

    public static async Task<PgBouncer> StartAsync(string databaseUrl, string mode, int? poolSize = null, int clients = 100)
    {
        var uri = PostgresUri.Parse(databaseUrl);
        var port = FreePort();
        var path = Path.GetTempFileName();
        await File.WriteAllTextAsync(path, $"""
            [databases]
            {uri.Database} = host={uri.Host} port={uri.Port} dbname={uri.Database} user={uri.User} password='{uri.Password}'
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {port}
            unix_socket_dir =
            auth_type = any
            pool_mode = {mode}
            max_client_conn = {clients}
            default_pool_size = {poolSize ?? (mode == "transaction" ? 1 : 20)}
            """);
        // It refuses to be root, and must then read the file as somebody else.
        string[] identity = Environment.UserName == "root" ? ["-u", "nobody"] : [];
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        var process = Process.Start(new ProcessStartInfo(Program!, [.. identity, path]) { RedirectStandardError = true })!;
        var pooler = new PgBouncer(process, path, port);
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (!line.Contains("process up", StringComparison.Ordinal))
                continue;
            _ = process.StandardError.ReadToEndAsync();
            return pooler;
        }

        await pooler.DisposeAsync();
        throw new InvalidOperationException("pgbouncer ended before it was ready.");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        File.Delete(_configuration);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
