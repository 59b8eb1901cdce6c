using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading.Channels;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Signals;

/// <summary>
/// <c>backfill_logs/events.jsonl</c>: one JSON object a line. Written behind the run's back: a disk that is slow or full holds nothing up.
/// </summary>
internal sealed class EventLog : IDisposable
{
    /// <summary>A file that has grown so far makes room: its name gets a number, 1 for the newest.</summary>
    public const long MaxBytes = 64L * 1024 * 1024;

    /// <summary>So many older ones are kept.</summary>
    public const int KeptFiles = 9;

    /// <summary>More waiting events than this are dropped, and counted: memory is not for a disk that stands still.</summary>
    private const int MostWaiting = 100_000;

    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly Action<string> _warn;
    private readonly Channel<SignalEvent> _waiting = Channel.CreateBounded<SignalEvent>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly Task _writing;
    private int _dropped;
    private bool _hasFailed;

    public EventLog(string path, Action<string> warn, long maxBytes = MaxBytes)
    {
        (_path, _warn, _maxBytes) = (path, warn, maxBytes);
        _writing = Task.Run(WriteAllAsync);
    }

    public void Add(SignalEvent item)
    {
        if (!_waiting.Writer.TryWrite(item))
            Interlocked.Increment(ref _dropped);
    }

    /// <summary>Writes what waits; a disk that stands still is not waited for.</summary>
    public void Dispose()
    {
        _waiting.Writer.TryComplete();
        if (!_writing.Wait(TimeSpan.FromSeconds(5)))
            _warn($"{_path}: the last events could not be written in time.");
        if (_dropped > 0)
            _warn(FormattableString.Invariant($"{_path}: {_dropped} events were dropped, because writing was too slow."));
    }

    /// <summary>One event as a line, by OpenTelemetry's log data model.</summary>
    public static string Line(SignalEvent item)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", item.Time.UtcDateTime);
            json.WriteString("severity_text", item.Severity.ToString().ToUpperInvariant());
            json.WriteNumber("severity_number", (int)item.Severity);
            json.WriteString("event_name", item.Name);
            json.WriteString("body", item.Body);
            json.WriteStartObject("attributes");
            foreach (var (key, value) in item.Attributes)
                Write(json, key, value);
            json.WriteEndObject();
            json.WriteString("trace_id", item.TraceId);
            json.WriteString("span_id", item.SpanId);
            json.WriteStartObject("resource");
            json.WriteString("service.name", "backfill");
            json.WriteString("service.version", ModuleInfo.Version);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, string key, object? value)
    {
        switch (value)
        {
            case null:
                break;
            case bool flag:
                json.WriteBoolean(key, flag);
                break;
            case int or long:
                json.WriteNumber(key, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case double number when double.IsFinite(number):
                json.WriteNumber(key, number);
                break;
            case DateTimeOffset time:
                json.WriteString(key, time.UtcDateTime);
                break;
            default:
                json.WriteString(key, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private async Task WriteAllAsync()
    {
        await foreach (var first in _waiting.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            var lines = new StringBuilder().Append(Line(first)).Append('\n');
            while (lines.Length < 64 * 1024 && _waiting.Reader.TryRead(out var next))
                lines.Append(Line(next)).Append('\n');
            try
            {
                Write(Encoding.UTF8.GetBytes(lines.ToString()));
                _hasFailed = false;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                if (!_hasFailed)
                    _warn($"{_path} can't be written, and events are missing from it: {e.Message}");
                _hasFailed = true;
            }
        }
    }

    private void Write(byte[] lines)
    {
        ArtifactFolder.Make(Path.GetDirectoryName(_path)!);
        // Where two append at once, one would write over the other's lines: an append begins where the file ended when it was opened.
        using var turn = FileTurn.Take(Path.ChangeExtension(_path, ".lock"));
        if (File.Exists(_path) && new FileInfo(_path).Length + lines.Length > _maxBytes)
            Rotate();
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        Append(file, lines, isAlone: turn is not null);
    }

    /// <summary>Writes whole lines or none: half of one, on a full disk, would spoil the next one, too.</summary>
    /// <param name="file">The file, at its end.</param>
    /// <param name="lines">What is written.</param>
    /// <param name="isAlone">Whether nobody else can have written meanwhile; otherwise nothing is taken back.</param>
    internal static void Append(FileStream file, byte[] lines, bool isAlone)
    {
        var start = file.Position;
        try
        {
            file.Write(lines);
        }
        catch (IOException) when (isAlone)
        {
            file.SetLength(start);
            throw;
        }
    }

    private void Rotate()
    {
        for (var number = KeptFiles; number >= 1; number--)
        {
            var from = number == 1 ? _path : Numbered(number - 1);
            if (File.Exists(from))
                File.Move(from, Numbered(number), overwrite: true);
        }
    }

    private string Numbered(int number) => Path.Combine(
        Path.GetDirectoryName(_path)!, FormattableString.Invariant(
            $"{Path.GetFileNameWithoutExtension(_path)}.{number}{Path.GetExtension(_path)}"));
}
