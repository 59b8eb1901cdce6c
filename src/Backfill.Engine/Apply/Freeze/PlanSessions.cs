using System.Globalization;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Profiles;
using Npgsql;

namespace Backfill.Engine.Apply.Freeze;

/// <summary>Which sessions a plan means on this target. Reads only.</summary>
internal sealed class PlanSessions(NpgsqlDataSource dataSource, TargetMap map)
{
    public async Task<ResolvedPlan> ResolveAsync(BackfillPlan plan, Footprint footprint, CancellationToken cancellationToken)
    {
        var warnings = await FindOtherWritesAsync(footprint, cancellationToken).ConfigureAwait(false);
        if (await ReadFrozenAsync(plan, cancellationToken).ConfigureAwait(false) is { } frozen)
            return frozen with { Warnings = [.. warnings, .. frozen.Warnings] };

        var matched = await MatchedColumns.ReadAsync(dataSource, MatchedColumns.Of(plan, footprint), cancellationToken)
            .ConfigureAwait(false);
        var taken = plan.Batches.SelectMany(b => b.Sessions).ToHashSet();
        var named = new HashSet<Guid>();
        var sessions = new List<PlannedSession>();
        foreach (var batch in plan.Batches)
        {
            // A session named twice is done once, in its first place.
            var members = batch.SessionCount is { } count
                ? await FindAsync(plan, batch, count, footprint, matched, taken, cancellationToken).ConfigureAwait(false)
                : [.. batch.Sessions.Where(named.Add)];
            // Only a later batch that looks for sessions has to know; of a million ids a set takes 40 MB.
            if (batch != plan.Batches[^1])
                taken.UnionWith(members);
            if (members.Count < batch.SessionCount)
            {
                warnings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Batch {batch.BatchId} asks for {batch.SessionCount} sessions; {members.Count} need its operations. Expected changes may not be met."));
            }

            var before = sessions.Count;
            sessions.EnsureCapacity(before + members.Count);
            sessions.AddRange(members.Select((s, i) => new PlannedSession(before + i + 1, batch.BatchId, s)));
        }

        return new(sessions, false, warnings);
    }

    public async Task<IReadOnlySet<Guid>> FindCurrentAsync(
        PlanOperation operation, Footprint footprint, IReadOnlyCollection<Guid> sessions, CancellationToken cancellationToken)
    {
        var matched = await MatchedColumns.ReadAsync(dataSource, MatchedColumns.Of(operation, footprint), cancellationToken)
            .ConfigureAwait(false);
        var values = new List<object?> { SqlValue.Uuids(sessions) };
        var sql = SqlText.Load("Apply/Freeze/find_current")
            .Replace("{{current}}", Current(operation, footprint, matched, values), StringComparison.Ordinal);
        return (await ReadIdsAsync(sql, values, cancellationToken).ConfigureAwait(false)).ToHashSet();
    }

    public async Task<IReadOnlySet<Guid>> FindPassedOverAsync(
        BackfillPlan plan, Guid? runId, BackfillReprocess reprocess, CancellationToken cancellationToken)
    {
        var found = runId is { } id
            ? ReadIdsAsync(SqlText.Load("Apply/Freeze/find_settled"), [id], cancellationToken)
            : ReadIdsAsync(SqlText.Load("Apply/Freeze/find_passed_over"), [plan.GetDocument(), reprocess.ToString()], cancellationToken);
        return (await found.ConfigureAwait(false)).ToHashSet();
    }

    /// <summary>What a rollback won't undo, by name: said before the first call.</summary>
    private async Task<List<string>> FindOtherWritesAsync(Footprint footprint, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Ledger/find_other_writes"), SqlValue.Texts(footprint.Tables.Select(t => SqlText.Quote(t.Name))));
        var found = await batch.QueryRowsAsync(r => r.GetString(0), cancellationToken).ConfigureAwait(false);
        return found.Count == 0 ? [] : [OtherWrites.Warning(found)];
    }

    private async Task<ResolvedPlan?> ReadFrozenAsync(BackfillPlan plan, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(SqlText.Load("Apply/Freeze/read_frozen"), plan.Hash, plan.GetDocument());
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        var sessions = new List<PlannedSession>();
        var (hash, path) = (plan.Hash, "");
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            sessions.Add(new(reader.GetInt32(0), reader.GetString(1), reader.GetGuid(2)));
            (hash, path) = (reader.GetString(3), reader.GetString(4));
        }

        if (sessions.Count == 0)
            return null;
        return hash == plan.Hash
            ? new(sessions, true, [])
            : new(sessions, false,
                [$"This plan says the same as {path} (SHA-256 {hash[..12]}), which was applied here before. The same sessions are taken, and what is done is passed over."]);
    }

    private Task<List<Guid>> FindAsync(
        BackfillPlan plan,
        PlanBatch batch,
        int count,
        Footprint footprint,
        MatchedColumns matched,
        HashSet<Guid> taken,
        CancellationToken cancellationToken)
    {
        var values = new List<object?> { batch.Since, SqlValue.Uuids(taken), count };
        var inputs = batch.Operations.SelectMany(o => footprint.Of(o.Function).Inputs).Distinct(StringComparer.Ordinal)
            // Without responses there is nothing to score, whatever a function says of itself.
            .Prepend("public.assessment_responses").Distinct(StringComparer.Ordinal)
            // Another project says itself what a function requires.
            .Where(table => map.Project is null || plan.Tables.Any(t => t.Table == table))
            .Select(table => HasRow(table, plan.Tables.FirstOrDefault(t => t.Table == table)?.SessionColumn ?? "session_id", ""))
            .DefaultIfEmpty("true");
        var needs = batch.Operations.Select(o => $"not {Current(o, footprint, matched, values)}");
        var sql = map.Load("Apply/Freeze/find_sessions")
            .Replace("{{inputs}}", string.Join("\n  and ", inputs), StringComparison.Ordinal)
            .Replace("{{needs}}", string.Join("\n    or ", needs), StringComparison.Ordinal);
        return ReadIdsAsync(sql, values, cancellationToken);
    }

    /// <summary>A condition: the row that the operation is to leave is there. Its values become parameters.</summary>
    private static string Current(PlanOperation operation, Footprint footprint, MatchedColumns matched, List<object?> values)
    {
        var function = footprint.Of(operation.Function);
        var table = footprint.Tables.First(t => t.Name == function.ProofTable);
        var matches = function.Proof.Select(m =>
        {
            values.Add(SqlValue.Text(m.Value(operation.Params)));
            var value = string.Create(CultureInfo.InvariantCulture, $"${values.Count}");
            return $" and {matched.Equal(table.Name, m.Column, $"backfill_row.{SqlText.Quote(m.Column)}", value)}";
        });
        return HasRow(table.Name, table.SessionColumn, string.Concat(matches));
    }

    private static string HasRow(string table, string sessionColumn, string matches) =>
        $"exists (select from {SqlText.Quote(table)} backfill_row where backfill_row.{SqlText.Quote(sessionColumn)} = s.id{matches})";

    private async Task<List<Guid>> ReadIdsAsync(string sql, List<object?> values, CancellationToken cancellationToken)
    {
        await using var batch = await LedgerBatch.OpenAsync(dataSource, cancellationToken).ConfigureAwait(false);
        batch.Add(sql, [.. values]);
        await using var reader = await batch.ReadAsync(cancellationToken).ConfigureAwait(false);
        var ids = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            ids.Add(reader.GetGuid(0));
        return ids;
    }
}
