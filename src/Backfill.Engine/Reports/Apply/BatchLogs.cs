using System.Text.Json;
using Backfill.Engine.Ledger;

namespace Backfill.Engine.Reports.Apply;

/// <summary>
/// <c>backfill_logs/batch_&lt;batch_id&gt;.json</c>: every attempt of a batch. The run is read once for all of its batches.
/// </summary>
internal sealed class BatchLogs(IRunReader reader, BackfillRun run, BackfillPlan plan) : IAsyncDisposable
{
    private readonly Dictionary<string, int> _places =
        plan.Batches.Select((b, place) => (b.BatchId, place)).ToDictionary(b => b.BatchId, b => b.place, StringComparer.Ordinal);

    private readonly InOrder<OperationLogEntry> _operations = new(reader.ReadOperationLogAsync(run.RunId, CancellationToken.None));
    private readonly InOrder<BackfillSessionResult> _errors = new(reader.ReadErrorsAsync(run.RunId, CancellationToken.None));

    /// <summary>Writes one batch; the batches must come in the plan's order.</summary>
    public async Task WriteAsync(Stream stream, PlanBatch batch, BatchFigures figures, CancellationToken cancellationToken)
    {
        await using var json = ReportJson.Writer(stream);
        json.WriteStartObject();
        json.WriteString("run_id", run.RunId);
        json.WriteString("batch_id", batch.BatchId);
        json.WriteString("description", batch.Description);
        json.Time("started_at", figures.StartedAt);
        json.Time("completed_at", figures.CompletedAt);
        json.WriteNumber("sessions_processed", figures.Settled);
        json.WriteNumber("sessions_successful", figures.Succeeded);
        json.WriteNumber("sessions_failed", figures.Failed);
        json.WriteStartArray("operations_log");
        var place = _places[batch.BatchId];
        await foreach (var entry in _operations.ReadAsync(place, o => _places[o.BatchId]).ConfigureAwait(false))
        {
            Write(json, entry);
            await json.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteStartArray("errors");
        await foreach (var result in _errors.ReadAsync(place, e => _places[e.BatchId]).ConfigureAwait(false))
        {
            SessionError.Write(json, result);
            await json.FlushIfLargeAsync(cancellationToken).ConfigureAwait(false);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public async ValueTask DisposeAsync()
    {
        await _operations.DisposeAsync().ConfigureAwait(false);
        await _errors.DisposeAsync().ConfigureAwait(false);
    }

    private static void Write(Utf8JsonWriter json, OperationLogEntry entry)
    {
        var success = entry.Outcome == BackfillOutcome.Succeeded;
        json.WriteStartObject();
        json.WriteString("session_id", entry.SessionId);
        json.WriteString("function", entry.Function);
        json.WritePropertyName("params");
        json.WriteRawValue(entry.Params);
        json.Time("started_at", entry.StartedAt);
        json.Number("duration_ms", entry.DurationMs);
        json.WriteNumber("attempt", entry.Attempt);
        json.Number("status", entry.StatusCode);
        json.WriteString("outcome", ReportJson.Text(entry.Outcome));
        json.WriteBoolean("success", success);
        json.WriteString("category", ReportJson.Text(entry.Category));
        json.WriteString("error", success ? null : entry.Message);
        json.WriteEndObject();
    }

    /// <summary>Rows that come in the order of their batches, given out batch by batch.</summary>
    private sealed class InOrder<T>(IAsyncEnumerable<T> rows) : IAsyncDisposable
    {
        private readonly IAsyncEnumerator<T> _rows = rows.GetAsyncEnumerator();
        private bool _isBegun;
        private bool _isThere;
        private Exception? _failure;

        /// <summary>The rows of one batch. Those of a batch before it, whose file could not be written to its end, are left out.</summary>
        public async IAsyncEnumerable<T> ReadAsync(int place, Func<T, int> placeOf)
        {
            if (!_isBegun)
                await NextAsync().ConfigureAwait(false);
            _isBegun = true;
            while (_isThere && placeOf(_rows.Current) < place)
                await NextAsync().ConfigureAwait(false);
            while (_isThere && placeOf(_rows.Current) == place)
            {
                yield return _rows.Current;
                await NextAsync().ConfigureAwait(false);
            }
        }

        public ValueTask DisposeAsync() => _rows.DisposeAsync();

        /// <summary>A read that failed would look like the end of the rows to every file after it.</summary>
        private async Task NextAsync()
        {
            if (_failure is not null)
                throw _failure;
            try
            {
                _isThere = await _rows.MoveNextAsync().ConfigureAwait(false);
            }
            catch (Exception e)
            {
                _failure = e;
                throw;
            }
        }
    }
}
