using System.Diagnostics;

namespace Backfill.Engine.Tests.Sandbox;

/// <summary>For what comes to pass without announcing itself: asks again and again.</summary>
internal static class Patiently
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <returns>The first answer that is so, or the last one; the caller asserts.</returns>
    public static async Task<T> AskAsync<T>(Func<Task<T>> ask, Func<T, bool> isSo)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            var answer = await ask();
            if (isSo(answer) || Stopwatch.GetElapsedTime(since) > Patience) return answer;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }
}
