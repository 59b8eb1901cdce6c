using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Connections;
using Backfill.Engine.Ledger;
using Backfill.Engine.Tests.Apply;
using Backfill.TestWorker;

namespace Backfill.Engine.Tests.Model;

/// <summary>The workers of one run, of which each dies for a session where that session's history says so.</summary>
/// <remarks>
/// Nothing is killed: the dead one's next word to the ledger, or to the function, never gets there, its lease is over at once, and it
/// learns that the session is lost when somebody else has it. For the ledger that is the same as a SIGKILL or a cut line, and the
/// worker's other sessions go on, so that one run can carry many histories. Frozen ones do come back, and the ledger must refuse them.
/// </remarks>
/// <param name="world">Where.</param>
/// <param name="histories">What happens to each session.</param>
/// <param name="quiet">How long after it was sent a call may be committed.</param>
internal sealed class MortalWorker(RunWorld world, IReadOnlyDictionary<Guid, History> histories, TimeSpan quiet) : IFunctionCaller
{
    /// <summary>An expired lease, but not one that a heartbeat in flight could still renew.</summary>
    private const string Expire = """
        update backfill.item
        set lease_until = clock_timestamp(), worker_id = gen_random_uuid()
        where run_id = $1 and session_id = $2 and fence = $3 and state = 'claimed'
        """;

    /// <summary>Who was to find out whether the run is to be held any longer does not tell.</summary>
    private const string ExpireProbe = "update backfill.run set hold_until = clock_timestamp() where run_id = $1 and hold_until is not null";

    private readonly IFunctionCaller _real = world.Connection.Target.Functions;
    private readonly Lock _lock = new();
    private readonly Dictionary<(Guid Session, int Position), int> _calls = [];
    private readonly Dictionary<Guid, Hand> _hands = [];
    private readonly HashSet<(Guid Session, int Position, int Number)> _sent = [];

    /// <summary>The target as such a worker sees it. Its pauses between attempts are short.</summary>
    public BackfillConnection Connection => OpenTarget.Connect(
        world.Connection.Identity,
        new ReplacedTarget(world.Connection.Target)
        {
            Ledger = Interceptor.Of(world.Connection.Target.Ledger, new() { Before = BeforeAsync, After = AfterAsync }),
            Functions = this,
            Attempts = new AttemptPolicy(new(4, TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(100)), TimeProvider.System),
        });

    /// <summary>Whether anything held up the whole run.</summary>
    public bool WasHeld { get; private set; }

    /// <summary>Which steps of an operation's history have arrived at the server, in order.</summary>
    public IReadOnlyList<int> SentOf(Guid session, int position)
    {
        lock (_lock)
            return [.. _sent.Where(s => s.Session == session && s.Position == position).Select(s => s.Number).Order()];
    }

    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => _real.WarmUpAsync(connections, cancellationToken);

    public async Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken)
    {
        var (step, number) = Next(call);
        WasHeld |= step.Answer is Answer.NotSent or Answer.Paused;
        if (step.Answer == Answer.NotSent)
            return new() { Fault = ReplyFault.NotSent, Message = "connection refused" };
        if (step.Death == Death.BeforeSend)
            await DieAsync(call.SessionId, call.Fence);
        // Of one session there is never more than one call in flight, or the log of calls tells of it.
        if (Replies.Fault(step, call.Function, call.SessionId, quiet) is { } fault)
            await world.Control.SetFaultAsync(fault, CancellationToken.None);
        lock (_lock)
            _sent.Add((call.SessionId, call.Position, number));
        var reply = await _real.CallAsync(call, cancellationToken);
        if (step.Death == Death.InCall)
            await DieAsync(call.SessionId, call.Fence);
        lock (_lock)
            _hands[call.SessionId].Death = step.Death;
        return step.Reply == Replies.Cut ? reply with { Fault = ReplyFault.Broken } : reply;
    }

    /// <summary>Lets everybody go who waits for an end that does not come.</summary>
    public void GiveUp()
    {
        lock (_lock)
        {
            foreach (var hand in _hands.Values)
                hand.Lost.TrySetResult();
        }
    }

    private (Step Step, int Number) Next(FunctionCall call)
    {
        lock (_lock)
        {
            var number = _calls.GetValueOrDefault((call.SessionId, call.Position));
            _calls[(call.SessionId, call.Position)] = number + 1;
            return (histories[call.SessionId].StepOf(call.Position - 1, number), number);
        }
    }

    private async Task BeforeAsync(string method, object?[] arguments)
    {
        if (IsRecord(method) && arguments[1] is ClaimedSession claim && TakeDeath(claim, Death.BeforeRecord))
        {
            await LoseAsync(claim);
        }
    }

    private async Task AfterAsync(string method, object?[] arguments, object? result)
    {
        if (method == nameof(IRunLedger.ClaimAsync))
        {
            foreach (var taken in (IReadOnlyList<ClaimedSession>)result!)
                Took(taken);
        }

        if (!IsRecord(method) || arguments[1] is not ClaimedSession claim || !TakeDeath(claim, Death.AfterRecord))
            return;
        // Settled or given back, it is in nobody's hand any more.
        if (method == nameof(IRunLedger.CheckpointAsync))
            await LoseAsync(claim);
        throw new LeaseLostException(claim);
    }

    private static bool IsRecord(string method) =>
        method is nameof(IRunLedger.CheckpointAsync) or nameof(IRunLedger.SettleAsync) or nameof(IRunLedger.ReleaseAsync);

    private bool TakeDeath(ClaimedSession claim, Death death)
    {
        lock (_lock)
        {
            var hand = _hands[claim.SessionId];
            if (hand.Claim.Fence != claim.Fence || hand.Death != death)
                return false;
            hand.Death = Death.None;
            return true;
        }
    }

    private void Took(ClaimedSession claim)
    {
        lock (_lock)
        {
            if (_hands.TryGetValue(claim.SessionId, out var before))
            {
                // Two answers may overtake each other.
                if (before.Claim.Fence > claim.Fence)
                    return;
                before.Lost.TrySetResult();
            }

            _hands[claim.SessionId] = new(claim);
        }
    }

    private async Task DieAsync(Guid session, long fence)
    {
        ClaimedSession claim;
        lock (_lock)
            claim = _hands[session].Claim;
        Assert.Equal(fence, claim.Fence);
        await LoseAsync(claim);
        throw new LeaseLostException(claim);
    }

    /// <summary>Returns when somebody else has the session.</summary>
    private async Task LoseAsync(ClaimedSession claim)
    {
        Task lost;
        lock (_lock)
            lost = _hands[claim.SessionId].Lost.Task;
        await world.ExecuteAsync(Expire, claim.RunId, claim.SessionId, claim.Fence);
        if (claim.IsProbe)
            await world.ExecuteAsync(ExpireProbe, claim.RunId);
        await lost;
    }

    /// <summary>A session in some worker's hand.</summary>
    private sealed class Hand(ClaimedSession claim)
    {
        public ClaimedSession Claim => claim;

        public TaskCompletionSource Lost { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>What is to happen once the last call is written down.</summary>
        public Death Death { get; set; }
    }
}
