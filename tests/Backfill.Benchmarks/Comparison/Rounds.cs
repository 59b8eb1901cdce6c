using System.Globalization;

namespace Backfill.Benchmarks.Comparison;

/// <summary>
/// Every contender has its turn in every round, each from the same state, and each round begins with another one. Ratios are
/// taken within a round: what slows the machine down slows all of them.
/// </summary>
internal sealed class Rounds(BenchTarget target, IReadOnlyList<IContender> contenders)
{
    public async Task<RoundFigures> RunAsync(int rounds, Action<string> say)
    {
        var turns = new List<Turn>();
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var contender in Order(round))
            {
                var turn = await TakeAsync(round, contender);
                say(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {(round == 0 ? "warm-up" : $"round {round}"),-8} {contender.Name,-28} {turn.SessionsPerSecond,7:0} sessions/s   {turn.Cpu}, {turn.Written}"));
                if (round > 0)
                    turns.Add(turn);
            }
        }

        return new([.. contenders.Select(c => c.Name)], target.Sessions.Count, turns);
    }

    private IEnumerable<IContender> Order(int round)
    {
        var first = round % contenders.Count;
        return contenders.Skip(first).Concat(contenders.Take(first));
    }

    private async Task<Turn> TakeAsync(int round, IContender contender)
    {
        await target.ResetAsync();
        var cpu = await CpuWatch.StartAsync(target, contender.ProcessId);
        var (wal, ledger) = await target.WrittenAsync();
        var lap = await contender.RunAsync();
        var used = await cpu.StopAsync(target.Sessions.Count);
        var (walThen, ledgerThen) = await target.WrittenAsync();
        var done = await target.DoneAsync();
        if (done != target.Sessions.Count)
            throw new InvalidOperationException($"{contender.Name} left {done} of {target.Sessions.Count} sessions done.");
        double count = target.Sessions.Count;
        return new(
            round, contender.Name, lap.Whole, lap.Calling, count / lap.Whole.TotalSeconds, used,
            new((walThen - wal) / count, (ledgerThen - ledger) / count));
    }
}
