using System.Diagnostics;

namespace Backfill.Engine.Signals;

/// <summary>One writer at a time, over all processes of a machine: whoever has a lock file open.</summary>
internal static class FileTurn
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1);

    /// <summary>Waits for the turn, for a short while; it ends when the result is disposed.</summary>
    /// <param name="path">The lock file; it stays, since to remove it would let two in.</param>
    /// <returns>The turn; null where there is none to be had, for example because the file is another user's.</returns>
    public static IDisposable? Take(string path)
    {
        for (var since = Stopwatch.GetTimestamp(); ;)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
            }
            catch (IOException) when (Stopwatch.GetElapsedTime(since) < Patience)
            {
                // No event tells that another process has let go of a file; who waits here does nothing but write events.
                Thread.Sleep(Pause);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return null;
            }
        }
    }
}
