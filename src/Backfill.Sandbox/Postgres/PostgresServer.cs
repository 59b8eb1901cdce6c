using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Backfill.Sandbox.Lifetime;
using Npgsql;

namespace Backfill.Sandbox.Postgres;

/// <summary>A running PostgreSQL of our own. The guardian stops it; here it is only started and watched.</summary>
internal sealed class PostgresServer
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _complaints = new();

    private readonly Cluster _cluster;

    private PostgresServer(Process process, int port, Cluster cluster)
    {
        _cluster = cluster;
        ProcessId = process.Id;
        Port = port;
        Superuser = new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = port, Database = "postgres",
            Username = Cluster.Superuser, Password = cluster.Password,
            SslMode = SslMode.Disable, GssEncryptionMode = GssEncryptionMode.Disable,
        };
    }

    /// <summary>The server's process, or the wrapper that changed its account.</summary>
    public int ProcessId { get; }

    public int Port { get; }

    /// <summary>A connection as the bootstrap superuser, unpooled where the caller does not say otherwise.</summary>
    public NpgsqlConnectionStringBuilder Superuser { get; }

    /// <summary>Completes when the server ended. (One that restarts itself after a crash has not.)</summary>
    public Task Ended { get; private set; } = Task.CompletedTask;

    /// <param name="cluster">The initialized data folder.</param>
    /// <param name="wantedPort">Null: a free one.</param>
    /// <param name="guardian">Launches it.</param>
    public static async Task<PostgresServer> StartAsync(Cluster cluster, int? wantedPort, Guardian guardian)
    {
        for (var attempt = 1; ; attempt++)
        {
            var server = Launch(cluster, wantedPort ?? FreePort(), guardian);
            if (await server.AnswersAsync().ConfigureAwait(false)) return server;

            guardian.Forget(server.ProcessId);
            // Between finding a free port and taking it, another program may have taken it.
            var complaints = server.Complaints();
            var isPortTaken = complaints.Contains("could not bind", StringComparison.Ordinal);
            if (!isPortTaken || wantedPort is not null || attempt == 5)
            {
                throw new SandboxException(
                    $"PostgreSQL did not start: {Gist(complaints)}",
                    wantedPort is null ? "Its message says what is missing." : "Choose another --postgres-port, or leave it out.");
            }
        }
    }

    /// <summary>A fast shutdown: the clients' sessions are ended, not awaited. Returns when the server has ended.</summary>
    public async Task StopAsync()
    {
        var command = _cluster.Account.Command(
            _cluster.Folder, _cluster.Binaries.PgCtl, "stop", "-D", _cluster.Data, "-m", "fast", "--no-wait");
        var result = await Tool.RunAsync(command).ConfigureAwait(false);
        if (result is not { ExitCode: 0 })
            throw new SandboxException(
                $"PostgreSQL could not be stopped: {result?.Complaint ?? "pg_ctl is missing."}", "Its message says why.");

        try
        {
            await Ended.WaitAsync(Patience).ConfigureAwait(false);
        }
        catch (TimeoutException e)
        {
            throw new SandboxException("PostgreSQL did not stop in time.", "Its log in the data folder says why.", e);
        }
    }

    private static PostgresServer Launch(Cluster cluster, int port, Guardian guardian)
    {
        var start = cluster.Account.Command(
            cluster.Folder, cluster.Binaries.Postgres, "-D", cluster.Data, "-p", port.ToString(
                System.Globalization.CultureInfo.InvariantCulture));
        // Its own pipes: it must not hold the ones by which our parent knows that we live.
        start.RedirectStandardInput = start.RedirectStandardOutput = start.RedirectStandardError = true;
        start.CreateNoWindow = true;

        var process = new Process { StartInfo = start };
        guardian.Launch(process);
        process.StandardInput.Close();

        var server = new PostgresServer(process, port, cluster);
        process.OutputDataReceived += (_, e) => server.Hear(e.Data);
        process.ErrorDataReceived += (_, e) => server.Hear(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        server.Ended = process.WaitForExitAsync();
        return server;
    }

    private void Hear(string? line)
    {
        lock (_complaints)
        {
            if (line is not null && _complaints.Length < 4000) _complaints.AppendLine(line);
        }
    }

    /// <summary>What it said before its log took over, and in its log, which the next attempt must not find.</summary>
    private string Complaints()
    {
        var log = "";
        if (File.Exists(_cluster.Log))
        {
            log = File.ReadAllText(_cluster.Log);
            File.Delete(_cluster.Log);
        }

        lock (_complaints)
            return $"{_complaints}{log}";
    }

    private static string Gist(string complaints)
    {
        var lines = complaints.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var reasons = lines.Where(line => line.Contains("FATAL", StringComparison.Ordinal)
            || line.Contains("could not", StringComparison.Ordinal));
        return string.Join(' ', reasons.DefaultIfEmpty(lines.LastOrDefault() ?? "it gave no reason."));
    }

    /// <summary>Waits until the server takes connections; false if it ended instead.</summary>
    private async Task<bool> AnswersAsync()
    {
        var since = Stopwatch.GetTimestamp();
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(Superuser.ConnectionString) { Pooling = false });
        while (!Ended.IsCompleted)
        {
            try
            {
                await using var connection = await source.OpenConnectionAsync().ConfigureAwait(false);
                return true;
            }
            catch (NpgsqlException) when (Stopwatch.GetElapsedTime(since) < Patience)
            {
                // Not up yet; or it will end at once, because the one that answers on this port is another's.
                await Task.WhenAny(Ended, Task.Delay(15)).ConfigureAwait(false);
            }
        }

        return false;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
