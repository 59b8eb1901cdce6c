using Backfill.Engine.Connections;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Soak;
using Backfill.Engine.Soak.Store;
using Backfill.Engine.Tests.Apply;
using Backfill.TestWorker;
using Npgsql;

namespace Backfill.Engine.Tests.Soak;

/// <summary>A sandbox with traffic planted by SQL: sessions that completed and were scored within the last hour.</summary>
public class SoakWorld : RunWorld
{
    /// <summary>Of the roles that tests make.</summary>
    public const string Password = "secret";

    /// <summary>Where the window of a look back begins; what was planted lies in it, old enough to be judged.</summary>
    public DateTimeOffset Since { get; } = DateTimeOffset.UtcNow.AddHours(-1);

    /// <summary>So many scored sessions, completed one a second from the window's tenth minute on.</summary>
    public Task<IReadOnlyList<Guid>> PlantAsync(int count, DateTimeOffset? from = null, bool scored = true, bool answered = true) =>
        PlantAsync(count, from ?? Since.AddMinutes(10), TimeSpan.FromSeconds(1), scored, answered);

    public async Task<IReadOnlyList<Guid>> PlantAsync(int count, DateTimeOffset from, TimeSpan step, bool scored, bool answered)
    {
        await using var command = Owner.CreateCommand("""
            with session as (
                insert into public.assessment_sessions
                    (id, status, created_at, completed_at, updated_at, completed_questions, share_token, share_token_expires_at)
                select gen_random_uuid(), 'completed', at - interval '20 min', at, at, case when $5 then 36 else 0 end,
                    replace(gen_random_uuid()::text, '-', ''), at + interval '1 year'
                from generate_series(0, $1 - 1) i, lateral (select $2 + i * $3::interval as at) t
                returning id, completed_at
            ),
            profile as (
                insert into public.profiles (session_id, type_code, results_version, created_at, updated_at, computed_at)
                select id, 'LII', 'v1.2.1', completed_at + interval '2 s', completed_at + interval '2 s', completed_at + interval '2 s'
                from session where $4
            ),
            score as (
                insert into public.fc_scores (session_id, version, fc_kind, scores_json, blocks_answered, created_at, updated_at)
                select id, 'v1.2', 'functions', '{}', 12, completed_at + interval '1 s', completed_at + interval '1 s'
                from session where $4
            )
            select id from session order by completed_at
            """);
        foreach (var value in (object[])[count, from, step, scored, answered])
            command.Parameters.Add(new() { Value = value });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await reader.ReadAsync())
            ids.Add(reader.GetGuid(0));
        return ids;
    }

    /// <summary>Traffic of now only: what was planted before is gone, and so is what runs have written.</summary>
    public new async Task FreshAsync()
    {
        await base.FreshAsync();
        await ExecuteAsync("delete from public.assessment_sessions where completed_at > now() - interval '30 days'");
        await ExecuteAsync("delete from public.assessment_sessions where status = 'completed' and (completed_at is null or completed_at = '-infinity')");
        await ExecuteAsync("delete from public.fn_logs where evt = 'engine_version_override'");
    }

    /// <summary>A look back over the last hour; every token is tried.</summary>
    public async Task<SoakSample> LookBackAsync(BackfillConnection? connection = null)
    {
        var (_, samples) = await SoakAsync(new() { Since = Since, TokenSample = 1000, OutputPath = NewFolder() }, connection);
        return Assert.Single(samples);
    }

    public async Task<(SoakEnd End, IReadOnlyList<SoakSample> Samples)> SoakAsync(
        SoakRequest request, BackfillConnection? connection = null, SoakSink? sink = null, CancellationToken stop = default)
    {
        sink ??= new();
        var end = await new SoakPhase(connection ?? Connection, TimeProvider.System).RunAsync(request, sink, stop);
        return (end, sink.Samples);
    }

    /// <summary>A run that a soak can be for.</summary>
    public async Task<Guid> RunAsync()
    {
        var runId = (await ApplyAsync(PlanOf(New[0]))).Run.RunId;
        await ApproveAsync(runId, BackfillGateName.ApplyReview);
        return runId;
    }

    /// <summary>The target as another role sees it, without its ledger; its probe with a timeout of its own.</summary>
    public BackfillConnection As(string? role = null, TimeSpan? statementTimeout = null, int? port = null)
    {
        // A pooler would make everybody the owner.
        var uri = new UriBuilder(role is null ? DatabaseUrl : Sandbox.Info.DatabaseUrl);
        if (role is not null)
            (uri.UserName, uri.Password) = (role, Password);
        uri.Port = port ?? uri.Port;
        var where = PostgresUri.Parse(uri.Uri.ToString());
        var source = TargetDataSource.Create(where, DatabaseSettings.From(where));
        var identity = role is null ? Connection.Identity : Connection.Identity with { Environment = null, InstallId = null };
        return OpenTarget.Connect(
            identity, new ReplacedTarget(Connection.Target) { SoakProbe = new SoakProbe(source, where, statementTimeout), Owned = source });
    }

    /// <summary>Runs <paramref name="test"/> between a change and its undoing, both as the superuser.</summary>
    public async Task WithAsync(string change, string undo, Func<Task> test)
    {
        await AsSuperuserAsync(change);
        try
        {
            await test();
        }
        finally
        {
            await AsSuperuserAsync(undo);
        }
    }

    public async Task AsSuperuserAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(Sandbox.Info.SuperuserConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>Keeps what a soak reports.</summary>
public sealed class SoakSink : ISoakSink
{
    public Action<SoakSample> OnTaken { get; init; } = _ => { };

    public List<SoakSample> Samples { get; } = [];

    public List<string> Warnings { get; } = [];

    public List<string> Tags { get; } = [];

    public SoakProgress? Progress { get; private set; }

    public void Taken(SoakSample sample)
    {
        Samples.Add(sample);
        OnTaken(sample);
    }

    public void Progressed(SoakProgress progress) => Progress = progress;

    public void Warn(string message) => Warnings.Add(message);

    public void Explain(string message)
    {
    }

    public void Milestone(string message, string tag) => Tags.Add(tag);
}
