using System.Globalization;
using System.Text.Json;
using Backfill.Engine.Signals;

namespace Backfill.Engine.Tests.Rules.Signals;

public sealed class EventLogTests : IDisposable
{
    private readonly SignalFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_is_the_event_by_the_log_data_model()
    {
        var session = Guid.NewGuid();
        var item = new SignalEvent(
            new DateTimeOffset(2025, 9, 17, 10, 0, 0, 250, TimeSpan.FromHours(2)),
            EventSeverity.Error,
            "backfill.session.settled",
            "It failed.",
            [
                new("a.text", "words"), new("a.guid", session), new("an.enum", BackfillOutcome.Failed), new("a.count", 3L),
                new("a.share", 0.25), new("a.flag", true), new("a.time", DateTimeOffset.UnixEpoch), new("nothing", null),
            ],
            "0123456789abcdef0123456789abcdef",
            "0123456789abcdef");
        var json = JsonDocument.Parse(EventLog.Line(item)).RootElement;

        Assert.Equal(
            ["timestamp", "severity_text", "severity_number", "event_name", "body", "attributes", "trace_id", "span_id", "resource"],
            json.EnumerateObject().Select(p => p.Name));
        Assert.Equal("2025-09-17T08:00:00.25Z", json.GetProperty("timestamp").GetString());
        Assert.Equal(("ERROR", 17), (json.GetProperty("severity_text").GetString(), json.GetProperty("severity_number").GetInt32()));
        Assert.Equal(("backfill.session.settled", "It failed."), (json.GetProperty("event_name").GetString(), json.GetProperty("body").GetString()));
        Assert.Equal(
            $$"""{"a.text":"words","a.guid":"{{session}}","an.enum":"Failed","a.count":3,"a.share":0.25,"a.flag":true,"a.time":"1970-01-01T00:00:00Z"}""",
            json.GetProperty("attributes").GetRawText());
        Assert.Equal("backfill", json.GetProperty("resource").GetProperty("service.name").GetString());
        Assert.Equal((item.TraceId, item.SpanId), (json.GetProperty("trace_id").GetString(), json.GetProperty("span_id").GetString()));
    }

    [Theory]
    [InlineData("two\r\nlines and \u2028 a third")]
    [InlineData("\"quotes\", a \\ and a \0")]
    [InlineData("שלום, ✓ and 🙂")]
    public void Whatever_the_text_it_is_one_line(string text)
    {
        var line = EventLog.Line(SignalFolder.Event(text, new KeyValuePair<string, object?>("text", text)));
        Assert.DoesNotContain('\n', line);
        Assert.DoesNotContain('\r', line);
        var json = JsonDocument.Parse(line).RootElement;
        Assert.Equal(text, json.GetProperty("body").GetString());
        Assert.Equal(json.GetProperty("body").GetString(), json.GetProperty("attributes").GetProperty("text").GetString());
    }

    [Fact]
    public void Half_of_a_pair_of_characters_is_replaced()
    {
        var json = JsonDocument.Parse(EventLog.Line(SignalFolder.Event("a half " + (char)0xD800 + " of a pair"))).RootElement;
        Assert.Equal("a half \ufffd of a pair", json.GetProperty("body").GetString());
    }

    [Fact]
    public void A_number_that_json_does_not_know_stops_nothing()
    {
        using (var log = new EventLog(_folder.Events, _folder.Warn))
        {
            log.Add(SignalFolder.Event("first", new KeyValuePair<string, object?>("share", double.NaN)));
            log.Add(SignalFolder.Event("second"));
        }

        Assert.Equal(["first", "second"], _folder.Lines().Select(l => l.GetProperty("body").GetString()));
        Assert.Empty(_folder.Warnings);
    }

    [Fact]
    public void Workers_that_share_a_folder_lose_no_line_not_even_where_files_make_room()
    {
        const int Workers = 4;
        const int Each = 6000;
        Parallel.For(0, Workers, new() { MaxDegreeOfParallelism = Workers }, worker =>
        {
            // Many short logs: many writes of few lines, all at once.
            for (var part = 0; part < Each / 5; part++)
            {
                using var log = new EventLog(_folder.Events, _folder.Warn, maxBytes: 900_000);
                for (var i = 0; i < 5; i++)
                    log.Add(SignalFolder.Event(string.Create(CultureInfo.InvariantCulture, $"{worker} {(part * 5) + i}")));
            }
        });

        var lines = _folder.Lines().Select(l => l.GetProperty("body").GetString()!).ToList();
        Assert.True(Directory.GetFiles(_folder.Root, "events.*.jsonl", SearchOption.AllDirectories).Length > 2, "No file made room.");
        Assert.Equal(Workers * Each, lines.Count);
        foreach (var worker in lines.Select(l => l.Split(' ')).GroupBy(l => l[0]))
            Assert.Equal(Enumerable.Range(0, Each), worker.Select(l => int.Parse(l[1], CultureInfo.InvariantCulture)));
        Assert.Empty(_folder.Warnings);
    }

    [Fact]
    public void Full_files_make_room_the_oldest_go_and_no_line_is_split()
    {
        for (var i = 0; i < EventLog.KeptFiles + 3; i++)
        {
            using var log = new EventLog(_folder.Events, _folder.Warn, maxBytes: 100);
            log.Add(SignalFolder.Event($"{i}"));
        }

        var names = Directory.GetFiles(Path.GetDirectoryName(_folder.Events)!, "*.jsonl").Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal([.. Enumerable.Range(1, EventLog.KeptFiles).Select(n => $"events.{n}.jsonl"), "events.jsonl"], names);
        Assert.Equal(Enumerable.Range(2, 10).Select(i => $"{i}"), _folder.Lines().Select(l => l.GetProperty("body").GetString()));
    }

    [Fact]
    public void A_folder_that_takes_no_file_is_told_once_and_stops_nothing()
    {
        File.WriteAllText(Path.Combine(_folder.Root, "backfill_logs"), "in the way");
        using (var log = new EventLog(_folder.Events, _folder.Warn))
        {
            for (var i = 0; i < 2000; i++)
                log.Add(SignalFolder.Event(new string('x', 100)));
        }

        Assert.Contains("can't be written", Assert.Single(_folder.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public void A_disk_that_is_full_in_the_middle_of_a_line_leaves_nothing_of_it()
    {
        using (var log = new EventLog(_folder.Events, _folder.Warn))
            log.Add(SignalFolder.Event("before"));
        using (var disk = new FullDisk(_folder.Events, room: 10))
            Assert.Throws<IOException>(() => EventLog.Append(disk, "{\"body\":\"cut off\"}\n"u8.ToArray(), isAlone: true));
        using (var log = new EventLog(_folder.Events, _folder.Warn))
            log.Add(SignalFolder.Event("after"));

        Assert.Equal(["before", "after"], _folder.Lines().Select(l => l.GetProperty("body").GetString()));
    }

    [Fact]
    public void What_others_may_have_written_meanwhile_is_not_taken_back()
    {
        using (var log = new EventLog(_folder.Events, _folder.Warn))
            log.Add(SignalFolder.Event("before"));
        var length = new FileInfo(_folder.Events).Length;
        using (var disk = new FullDisk(_folder.Events, room: 10))
            Assert.Throws<IOException>(() => EventLog.Append(disk, new byte[20], isAlone: false));

        Assert.Equal(length + 10, new FileInfo(_folder.Events).Length);
    }

    /// <summary>A file on a disk that has so many bytes left.</summary>
    private sealed class FullDisk(string path, int room)
        : FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer[..room].ToArray(), 0, room);
            throw new IOException("No space left on device");
        }
    }
}
