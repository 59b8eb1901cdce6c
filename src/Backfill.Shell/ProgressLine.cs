using System.Diagnostics;
using System.Management.Automation;

namespace Backfill.Shell;

/// <summary>The newest progress record as one line at the bottom of a terminal; nothing where there is no terminal.</summary>
internal sealed class ProgressLine
{
    private const int BarWidth = 24;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly bool _enabled = !Console.IsErrorRedirected && ShellScreen.UnderstandsEscapes;
    private readonly Lock _lock = new();
    private long _shownAt;
    private bool _isShown;

    public void Show(ProgressRecord record)
    {
        if (record.RecordType == ProgressRecordType.Completed)
        {
            Clear();
            return;
        }

        lock (_lock)
        {
            if (!_enabled || (_isShown && Stopwatch.GetElapsedTime(_shownAt) < Interval))
                return;
            var line = Line(record).ReplaceLineEndings(" ");
            var width = ShellScreen.Width - 1;
            Console.Error.Write($"\r{(line.Length > width ? line[..width] : line)}\e[K");
            _shownAt = Stopwatch.GetTimestamp();
            _isShown = true;
        }
    }

    public void Clear()
    {
        lock (_lock)
        {
            if (_isShown)
                Console.Error.Write("\r\e[K");
            _isShown = false;
        }
    }

    private static string Line(ProgressRecord record)
    {
        var line = $"{record.Activity}: {record.StatusDescription}";
        if (record.PercentComplete is >= 0 and <= 100 and var percent)
            line = $"[{new string('#', percent * BarWidth / 100).PadRight(BarWidth)}] {percent,3} %  {line}";
        if (record.SecondsRemaining >= 0)
            line += $"  {TimeSpan.FromSeconds(record.SecondsRemaining):hh\\:mm\\:ss} left";
        return line;
    }
}
