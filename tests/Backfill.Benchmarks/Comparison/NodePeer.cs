using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Plans.Json;

namespace Backfill.Benchmarks.Comparison;

/// <summary>
/// What a team would write without us: Node, the platform's own client library, 32 sessions at once, no guard. The process
/// lives through all rounds, so that it is as warm as ours.
/// </summary>
internal sealed class NodePeer : IContender, IAsyncDisposable
{
    private const string Package = "@supabase/functions-js";

    private readonly BenchTarget _target;
    private readonly DirectoryInfo _folder;
    private readonly Process _process;

    private NodePeer(BenchTarget target, DirectoryInfo folder, Process process)
    {
        _target = target;
        _folder = folder;
        _process = process;
    }

    public string Name => $"Node, {Package}";

    public int ProcessId => _process.Id;

    public static async Task<NodePeer> StartAsync(BenchTarget target)
    {
        var folder = Directory.CreateTempSubdirectory("backfill-peer-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "peer.mjs"), Resource.Read("Comparison/peer.mjs"));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "package.json"), """{"private": true, "type": "module"}""");
            await InstallAsync(folder.FullName);
            var start = new ProcessStartInfo("node", ["peer.mjs"])
            {
                WorkingDirectory = folder.FullName,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            };
            // Never on a command line, where others could read it.
            start.Environment["SUPABASE_URL"] = target.Info.ApiUrl;
            start.Environment["SUPABASE_SERVICE_ROLE_KEY"] = target.Info.ServiceRoleKey;
            return new(target, folder, Process.Start(start)!);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async Task<Lap> RunAsync()
    {
        var order = JsonSerializer.Serialize(new { concurrency = BenchOptions.Concurrency, sessions = _target.Sessions });
        await _process.StandardInput.WriteLineAsync(order);
        await _process.StandardInput.FlushAsync();
        var line = await _process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The Node peer ended.");
        // Its own clock, around its loop alone: neither its start nor this order counts against it.
        var elapsed = TimeSpan.FromMilliseconds(double.Parse(line, CultureInfo.InvariantCulture));
        return new(elapsed, elapsed);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }

    private static async Task InstallAsync(string folder)
    {
        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        using var install = Process.Start(new ProcessStartInfo(npm, ["install", "--silent", "--no-audit", "--no-fund", Package])
        {
            WorkingDirectory = folder,
        })!;
        await install.WaitForExitAsync();
        if (install.ExitCode != 0)
            throw new InvalidOperationException($"npm could not install {Package} (exit code {install.ExitCode}); the benchmark needs Node and a registry.");
    }
}
