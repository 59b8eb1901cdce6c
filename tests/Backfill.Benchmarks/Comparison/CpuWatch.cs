using System.Globalization;
using Backfill.Engine.Plans.Json;

namespace Backfill.Benchmarks.Comparison;

/// <summary>Processor time a session, in milliseconds, by who used it.</summary>
/// <param name="ClientMs">The process that made the calls.</param>
/// <param name="FunctionsMs">The function server.</param>
/// <param name="FunctionRowsMs">PostgreSQL for the functions.</param>
/// <param name="LedgerMs">PostgreSQL for the ledger.</param>
internal sealed record CpuShares(double ClientMs, double FunctionsMs, double FunctionRowsMs, double LedgerMs)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"CPU ms/session: client {ClientMs:0.00}, functions {FunctionsMs:0.00}, their rows {FunctionRowsMs:0.00}, ledger {LedgerMs:0.00}");
}

/// <summary>Reads what processes have used from <c>/proc</c>; on other systems there are no shares.</summary>
internal sealed class CpuWatch
{
    private const double MillisecondsATick = 10;

    private readonly BenchTarget _target;
    private readonly int _client;
    private readonly Dictionary<int, double> _before;

    private CpuWatch(BenchTarget target, int client, Dictionary<int, double> before)
    {
        _target = target;
        _client = client;
        _before = before;
    }

    public static async Task<CpuWatch> StartAsync(BenchTarget target, int client)
    {
        var (functions, ledger) = await target.BackendsAsync();
        return new(target, client, functions.Concat(ledger).Append(client).Append(target.Info.ProcessId).Distinct().ToDictionary(p => p, Used));
    }

    public async Task<CpuShares?> StopAsync(int sessions)
    {
        if (!OperatingSystem.IsLinux())
            return null;
        var (functions, ledger) = await _target.BackendsAsync();
        return new(Since([_client]), Since([_target.Info.ProcessId]), Since(functions), Since(ledger));

        double Since(IEnumerable<int> processes) => processes.Sum(p => Used(p) - _before.GetValueOrDefault(p)) / sessions;
    }

    private static double Used(int process)
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        string stat;
        try
        {
            stat = File.ReadAllText($"/proc/{process}/stat");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A connection that was closed meanwhile; contenders keep theirs while they run.
            return 0;
        }

        // After the name, which may hold anything, in brackets: state is field 3, utime 14, stime 15.
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) * MillisecondsATick;
    }
}
