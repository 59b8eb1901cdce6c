using System.Security.Cryptography;
using Backfill.Sandbox.Lifetime;

namespace Backfill.Sandbox.Postgres;

/// <summary>An initialized data folder, and the password of its superuser.</summary>
internal sealed record Cluster(string Folder, PostgresBinaries Binaries, Account Account, string Password)
{
    /// <summary>The name Supabase gives it; <c>postgres</c> is no superuser there.</summary>
    public const string Superuser = "supabase_admin";

    private const string Settings = """

        listen_addresses = '127.0.0.1'
        unix_socket_directories = ''
        max_connections = 200
        shared_buffers = '128MB'
        # Nothing here has to survive the machine. It does survive a crash of the server: what was committed is in the
        # system's cache, so synchronous_commit stays on.
        fsync = off
        # As on a real project: WAL for standbys, and an archive, whose command takes every file and keeps none.
        wal_level = replica
        archive_mode = on
        archive_command = 'exit 0'
        max_wal_size = '2GB'
        jit = off
        timezone = 'UTC'
        log_timezone = 'UTC'
        logging_collector = on
        log_directory = 'log'
        log_filename = 'postgres.log'
        """;

    public string Data => SandboxFolder.DataOf(Folder);

    /// <summary>The server's log, as the settings name it.</summary>
    public string Log => Path.Combine(Data, "log", "postgres.log");

    public static async Task<Cluster> CreateAsync(string folder, PostgresBinaries binaries, Account account, Guardian guardian)
    {
        var cluster = new Cluster(folder, binaries, account, RandomNumberGenerator.GetHexString(32, lowercase: true));
        account.CreateFolder(cluster.Data);
        var passwordFile = Path.Combine(folder, "password");
        account.CreateFile(passwordFile, cluster.Password);
        try
        {
            await cluster.InitializeAsync(passwordFile, guardian).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        await File.AppendAllTextAsync(Path.Combine(cluster.Data, "postgresql.conf"), Settings).ConfigureAwait(false);
        return cluster;
    }

    private async Task InitializeAsync(string passwordFile, Guardian guardian)
    {
        var command = Account.Command(
            Folder, Binaries.InitDb, "-D", Data, "-U", Superuser, "--pwfile", passwordFile,
            "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions");
        var result = await Tool.RunAsync(command, guardian.Launch).ConfigureAwait(false);
        if (result is not null) guardian.Forget(result.ProcessId);
        if (result is not { ExitCode: 0 })
            throw new SandboxException($"initdb failed: {result?.Complaint}", "Read its message, and check the space in the temporary folder.");
    }
}
