using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Signals;

/// <summary>
/// <c>backfill_logs/metrics.prom</c>, for node_exporter's textfile collector: replaced whole, every few seconds and at the end.
/// What another phase has left there stays, until this one has the same metric.
/// </summary>
internal sealed class MetricsFile : IDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    /// <summary>It holds figures only, and is another user's to read: the agent's that monitors. So the umask does not count.</summary>
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _path;
    private readonly Action<string> _warn;
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, MetricFamily> _families = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private readonly Lock _writing = new();
    private readonly Action _beforeWriting;
    private readonly Timer _timer;
    private bool _hasFailed;
    private bool _hasToldOfFolder;

    /// <param name="path">The file.</param>
    /// <param name="meter">Whose instruments are written.</param>
    /// <param name="warn">Takes what goes wrong.</param>
    /// <param name="beforeWriting">Records what is to be as fresh as the file.</param>
    public MetricsFile(string path, Meter meter, Action<string> warn, Action beforeWriting)
    {
        (_path, _warn, _beforeWriting) = (path, warn, beforeWriting);
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter, meter))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument, value, tags));
        _listener.Start();
        _timer = new(_ => Write(), null, Period, Period);
    }

    public void Dispose()
    {
        using (var over = new ManualResetEvent(false))
        {
            if (_timer.Dispose(over))
                over.WaitOne(Period);
        }

        Write();
        _listener.Dispose();
    }

    private void Add(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var labels = PrometheusText.Labels(tags);
        lock (_lock)
        {
            var name = PrometheusText.Name(instrument);
            if (!_families.TryGetValue(name, out var family))
                _families.Add(name, family = new(name, instrument));
            family.Add(labels, value);
        }
    }

    private void Write()
    {
        // A slow disk makes the timer come again meanwhile.
        lock (_writing)
            WriteWhole();
    }

    private void WriteWhole()
    {
        // Never a name that another phase writes to: not even one in this process.
        var temporary = $"{_path}.{Guid.NewGuid():N}.tmp";
        try
        {
            string text;
            lock (_lock)
            {
                if (_families.Count == 0)
                    return;
            }

            _beforeWriting();
            lock (_lock)
            {
                var families = PrometheusText.Families(File.Exists(_path) ? File.ReadAllText(_path) : "");
                foreach (var (name, family) in _families)
                    families[name] = family.ToString();
                text = string.Concat(families.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => f.Value));
            }

            ArtifactFolder.Make(Path.GetDirectoryName(_path)!);
            File.WriteAllText(temporary, text, new UTF8Encoding(false));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(temporary, Mode);
            File.Move(temporary, _path, overwrite: true);
            _hasFailed = false;
            TellOfFolder(Path.GetDirectoryName(_path)!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (!_hasFailed)
                _warn($"{_path} can't be written, and metrics are not up to date there: {e.Message}");
            _hasFailed = true;
            Remove(temporary);
        }
    }

    /// <summary>Warns, once, where the file's own folder lets nobody in who could read it.</summary>
    private void TellOfFolder(string folder)
    {
        if (_hasToldOfFolder || OperatingSystem.IsWindows() || File.GetUnixFileMode(folder).HasFlag(UnixFileMode.OtherExecute))
            return;
        _hasToldOfFolder = true;
        _warn($"{_path} is for monitoring, and no other user can read it: its folder is closed to others (the umask?). If an agent of another user reads it: chmod o+x '{folder}'.");
    }

    private static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is told already that the folder can't be written to.
        }
    }
}

/// <summary>One metric with all its label sets.</summary>
internal sealed class MetricFamily(string name, Instrument instrument)
{
    private readonly IReadOnlyList<double> _bounds =
        instrument is Histogram<double> { Advice.HistogramBucketBoundaries: { } bounds } ? bounds : [];
    private readonly SortedDictionary<string, double[]> _values = new(StringComparer.Ordinal);

    private bool IsHistogram => instrument is Histogram<double>;

    private bool IsCounter => instrument is Counter<long> or Counter<double>;

    public void Add(string labels, double value)
    {
        if (!_values.TryGetValue(labels, out var cells))
            _values.Add(labels, cells = new double[IsHistogram ? _bounds.Count + 2 : 1]);
        if (IsHistogram)
        {
            for (var i = 0; i < _bounds.Count; i++)
                cells[i] += value <= _bounds[i] ? 1 : 0;
            cells[^2]++;
            cells[^1] += value;
        }
        else if (IsCounter)
        {
            cells[0] += value;
        }
        else
        {
            cells[0] = value;
        }
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("# HELP ").Append(name).Append(' ').Append(PrometheusText.Help(instrument.Description)).Append('\n');
        text.Append("# TYPE ").Append(name).Append(' ').Append(IsHistogram ? "histogram" : IsCounter ? "counter" : "gauge").Append('\n');
        foreach (var (labels, cells) in _values)
        {
            if (!IsHistogram)
            {
                Line(text, name, labels, cells[0]);
                continue;
            }

            for (var i = 0; i < _bounds.Count; i++)
                Line(text, $"{name}_bucket", With(labels, _bounds[i].ToString(CultureInfo.InvariantCulture)), cells[i]);
            Line(text, $"{name}_bucket", With(labels, "+Inf"), cells[^2]);
            Line(text, $"{name}_sum", labels, cells[^1]);
            Line(text, $"{name}_count", labels, cells[^2]);
        }

        return text.ToString();
    }

    private static string With(string labels, string bound) =>
        labels.Length == 0 ? $"le=\"{bound}\"" : $"{labels},le=\"{bound}\"";

    private static void Line(StringBuilder text, string name, string labels, double value)
    {
        text.Append(name);
        if (labels.Length > 0)
            text.Append('{').Append(labels).Append('}');
        text.Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }
}
