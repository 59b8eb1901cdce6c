using System.Text.Json;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Plans;
using Backfill.Engine.Tests.Sandbox;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Apply;

/// <summary>A world in which one run after the other is disturbed: its rows can be put back, its log emptied.</summary>
public class RunWorld : ApplyWorld, IAsyncLifetime
{
    /// <summary>Quick to take over, quick to call again.</summary>
    internal static readonly RunSettings Quick = Settings with
    {
        ConcurrencyLimit = 8,
        Lease = TimeSpan.FromSeconds(1),
        QuietPeriod = TimeSpan.FromMilliseconds(300),
        Breaker = new(1000, 1, 50),
    };

    private const string SessionsWith = """
        select s.id from public.assessment_sessions s
        left join public.profiles p on p.session_id = s.id
        left join public.fc_scores f on f.session_id = s.id and f.version = 'v1.2' and f.fc_kind = 'functions'
        where s.status = 'completed'
          and exists (select from public.assessment_responses r where r.session_id = s.id)
          and exists (select from public.fc_responses r where r.session_id = s.id)
          and (p.session_id is not null) = $1 and (f.session_id is not null) = $2
        order by s.completed_at, s.id
        """;

    /// <summary>Sessions that have neither scores nor profile; 13 in the default sandbox.</summary>
    public IReadOnlyList<Guid> New { get; private set; } = [];

    /// <summary>Sessions that have a profile and no scores; 26 in the default sandbox.</summary>
    public IReadOnlyList<Guid> WithProfile { get; private set; } = [];

    /// <summary>Sessions that have both, of some version; about 90 in the default sandbox.</summary>
    public IReadOnlyList<Guid> WithBoth { get; private set; } = [];

    public SandboxControl Control => Sandbox.Control;

    public new async ValueTask InitializeAsync()
    {
        await base.InitializeAsync();
        New = await IdsAsync(SessionsWith, false, false);
        WithProfile = await IdsAsync(SessionsWith, true, false);
        WithBoth = await IdsAsync(SessionsWith, true, true);
        await TargetRows.KeepAsync(Owner);
    }

    /// <summary>The target's rows as they were at first, no run, no fault, no call, and a free slot.</summary>
    public async Task FreshAsync()
    {
        await Control.ClearFaultsAsync();
        await ExecuteAsync("delete from backfill.run");
        await ExecuteAsync("delete from backfill.plan_session");
        await ExecuteAsync("delete from backfill.plan");
        await ExecuteAsync("update backfill.pace set last_slot = '-infinity'");
        await TargetRows.PutBackAsync(Owner);
        await Control.ClearCallsAsync();
    }

    /// <summary>A run of some sessions, new and old ones, frozen and not started.</summary>
    internal Task<TestRun> FrozenAsync(int sessions, RunSettings settings) => FrozenAsync(PlanOf([.. Mixed(sessions)]), settings);

    internal async Task<TestRun> FrozenAsync(
        BackfillPlan plan,
        RunSettings settings,
        BackfillReprocess reprocess = BackfillReprocess.None,
        BackfillConnection? through = null,
        params ReviewPoint[] reviews)
    {
        var ledger = (through ?? Connection).Target.Ledger;
        var footprint = Footprint.For(plan);
        var resolution = await ledger.ResolveAsync(plan, footprint, CancellationToken.None);
        var before = await TargetRows.ReadAsync(Owner, [.. resolution.Sessions.Select(s => s.SessionId)]);
        var runId = Guid.CreateVersion7();
        var ticket = await ledger.FreezeAsync(
            new(runId, plan, footprint, resolution, null, settings, reprocess, "tester@here") { Reviews = reviews }, CancellationToken.None);
        return new(this, ticket, [.. resolution.Sessions.Select(s => s.SessionId)], before);
    }

    /// <summary>So many sessions: a third of each kind, as far as they go.</summary>
    public IEnumerable<Guid> Mixed(int count)
    {
        var some = New.Take(count / 3).Concat(WithProfile.Take(count / 3)).ToList();
        return some.Concat(WithBoth).Concat(WithProfile.Skip(count / 3)).Take(count);
    }

    /// <summary>A connection with something around its ledger or its functions.</summary>
    internal BackfillConnection Around(Around? ledger = null, Around? functions = null) =>
        OpenTarget.Connect(Connection.Identity, ReplacedTarget.Around(Connection.Target, ledger, functions));

    public Task SetAsync(params SandboxFault[] faults) => Task.WhenAll(faults.Select(f => Control.SetFaultAsync(f)));

    public async Task ExecuteAsync(string sql, params object[] parameters)
    {
        await using var command = Owner.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await command.ExecuteNonQueryAsync();
    }

    public async Task<IReadOnlyList<string>> LinesAsync(string sql, params object[] parameters)
    {
        await using var command = Owner.CreateCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(new() { Value = parameter });
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync())
            lines.Add(reader.GetString(0));
        return lines;
    }

    /// <summary>The calls that arrived at the functions so far.</summary>
    internal async Task<IReadOnlyList<TracedCall>> CallsAsync() =>
        [.. (await Control.CallsAsync()).Where(c => c.Method == "POST").Select(TracedCall.Of)];

    /// <summary>What a worker in a process of its own needs; it goes through its standard input.</summary>
    internal string SecretsOfWorker() => JsonSerializer.Serialize(new WorkerSecrets(
        Sandbox.Info.ApiUrl, Sandbox.Info.ServiceRoleKey, DatabaseUrl, Sandbox.Info.ProjectRef, Sandbox.Info.ControlKey));

    private async Task<IReadOnlyList<Guid>> IdsAsync(string sql, bool profile, bool scores)
    {
        await using var command = Owner.CreateCommand(sql);
        command.Parameters.Add(new() { Value = profile });
        command.Parameters.Add(new() { Value = scores });
        await using var reader = await command.ExecuteReaderAsync();
        var ids = new List<Guid>();
        while (await reader.ReadAsync())
            ids.Add(reader.GetGuid(0));
        return ids;
    }
}
