using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Backfill.Engine.Plans;

/// <summary>
/// When sessions may be begun: windows on the wall clock of a named time zone, for example <c>Mo-Fr 22:00-06:00 Europe/Berlin</c>. Pure.
/// A moment is inside when the clock on a wall there shows a time of a window: so the hour that comes twice in autumn is open twice, and
/// the one that is left out in spring is not missed.
/// </summary>
public sealed partial class WorkingHours
{
    /// <summary>No outlook goes further: a year.</summary>
    private const int FarthestMinutes = 366 * 24 * 60;

    private const int MinutesADay = 24 * 60;

    private static readonly string[] DayNames = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

    private readonly Window[] _windows;
    private readonly TimeZoneInfo _zone;

    private WorkingHours(Window[] windows, TimeZoneInfo zone) => (_windows, _zone) = (windows, zone);

    /// <summary>Reads hours: windows with a comma between them, then a time zone.</summary>
    /// <param name="text">
    /// For example <c>Mo-Fr 22:00-06:00, Sa-Su 00:00-24:00 Europe/Berlin</c>. A window that ends before it begins ends on the next
    /// day.
    /// </param>
    /// <param name="hours">The hours.</param>
    /// <param name="problem">What is wrong with the text.</param>
    /// <returns>Whether they could be read.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out WorkingHours? hours, [NotNullWhen(false)] out string? problem)
    {
        (hours, problem) = (null, null);
        var cut = text.TrimEnd().LastIndexOf(' ');
        var windows = new List<Window>();
        foreach (var part in text[..Math.Max(cut, 0)].Split(',', StringSplitOptions.TrimEntries))
        {
            if (!TryWindow(part, out var window, out problem))
                return false;
            windows.Add(window);
        }

        var name = text[cut..].Trim();
        if (!TimeZoneInfo.TryFindSystemTimeZoneById(name, out var zone))
        {
            problem = $"This machine knows no time zone '{name}'. Name one as Europe/Berlin or UTC.";
            return false;
        }

        hours = new([.. windows], zone);
        return true;
    }

    /// <summary>Whether a session may be begun at that moment.</summary>
    /// <param name="at">The moment.</param>
    /// <returns>Whether it lies in a window.</returns>
    public bool IsOpen(DateTimeOffset at)
    {
        var wall = TimeZoneInfo.ConvertTime(at, _zone);
        var (day, minute) = (DayOf(wall.DayOfWeek), wall.TimeOfDay.TotalMinutes);
        return Array.Exists(_windows, w => w.Holds(day, minute));
    }

    /// <summary>When sessions may be begun next.</summary>
    /// <param name="at">From when.</param>
    /// <returns>That moment itself where it is inside, else the next beginning of a window.</returns>
    public DateTimeOffset NextOpen(DateTimeOffset at)
    {
        if (IsOpen(at))
            return at;
        // Windows and shifts of the clock are at whole minutes; each window is open some time in a week, but for one that a shift
        // leaves out.
        for (var minute = Floor(at).AddMinutes(1); ; minute = minute.AddMinutes(1))
        {
            if (IsOpen(minute))
                return minute;
        }
    }

    /// <summary>When so much open time has gone by.</summary>
    /// <param name="at">From when.</param>
    /// <param name="minutes">Open minutes.</param>
    /// <returns>That moment; null where it is more than a year away.</returns>
    public DateTimeOffset? After(DateTimeOffset at, double minutes)
    {
        for (var (now, steps) = (at, 0); steps < FarthestMinutes; steps++)
        {
            var next = Floor(now).AddMinutes(1);
            if (IsOpen(now))
            {
                var part = (next - now).TotalMinutes;
                if (part >= minutes)
                    return now.AddMinutes(minutes);
                minutes -= part;
            }

            now = next;
        }

        return null;
    }

    private static bool TryWindow(string text, out Window window, [NotNullWhen(false)] out string? problem)
    {
        window = default;
        if (WindowText().Match(text) is not { Success: true } parts)
        {
            problem = "Write hours as 'Mo-Fr 22:00-06:00 Europe/Berlin': days, from-to, a time zone; a comma between windows.";
            return false;
        }

        var days = 0;
        foreach (Capture range in parts.Groups["days"].Captures)
        {
            var ends = range.Value.Split('-');
            var (first, last) = (DayOf(ends[0]), DayOf(ends[^1]));
            for (var day = first; ; day = (day + 1) % DayNames.Length)
            {
                days |= 1 << day;
                if (day == last)
                    break;
            }
        }

        var (from, to) = (MinuteOf(parts.Groups["from"].Value), MinuteOf(parts.Groups["to"].Value));
        problem = from is null or MinutesADay || to is null ? $"'{text}' is no window. Write times from 00:00 to 23:59; a window can end at 24:00."
            : from == to ? $"'{text}' begins and ends at the same time. Write a whole day as 00:00-24:00."
            : null;
        if (problem is not null)
            return false;
        window = new(days, from!.Value, to!.Value);
        return true;
    }

    private static int? MinuteOf(string text)
    {
        var (hour, minute) = (
            int.Parse(text.AsSpan(0, 2), CultureInfo.InvariantCulture), int.Parse(text.AsSpan(3), CultureInfo.InvariantCulture));
        return minute < 60 && hour * 60 + minute is var all and <= MinutesADay ? all : null;
    }

    private static int DayOf(string name) => Array.FindIndex(DayNames, d => d.Equals(name, StringComparison.OrdinalIgnoreCase));

    private static int DayOf(DayOfWeek day) => ((int)day + DayNames.Length - 1) % DayNames.Length;

    private static DateTimeOffset Floor(DateTimeOffset at) => new(at.UtcTicks - at.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);

    [GeneratedRegex(
        @"^(?:(?<days>(?:Mo|Tu|We|Th|Fr|Sa|Su)(?:-(?:Mo|Tu|We|Th|Fr|Sa|Su))?)\s+)+(?<from>\d\d:\d\d)-(?<to>\d\d:\d\d)$",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex WindowText();

    /// <summary>Days as bits from Monday on, and minutes of the day.</summary>
    private readonly record struct Window(int Days, int From, int To)
    {
        public bool Holds(int day, double minute) => From < To
            ? Is(day) && minute >= From && minute < To
            : (Is(day) && minute >= From) || (Is((day + DayNames.Length - 1) % DayNames.Length) && minute < To);

        private bool Is(int day) => (Days & (1 << day)) != 0;
    }
}
