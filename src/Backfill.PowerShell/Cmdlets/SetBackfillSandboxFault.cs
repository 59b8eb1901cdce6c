using System.Management.Automation;
using Backfill.PowerShell.Bases;
using Backfill.PowerShell.Completion;
using Backfill.PowerShell.Isolation;
using Backfill.PowerShell.Parameters;
using Backfill.PowerShell.Sandboxes;

namespace Backfill.PowerShell.Cmdlets;

/// <summary>
/// Lets calls to a sandbox's functions go wrong, or its database ail. Each use adds a fault; the first one that hits a call is the
/// only one.
/// </summary>
[Cmdlet(VerbsCommon.Set, "BackfillSandboxFault", SupportsShouldProcess = true)]
public sealed class SetBackfillSandboxFaultCommand : AsyncCmdlet
{
    private readonly HashSet<Guid> _sessions = [];

    /// <summary>How they go wrong, or what ails the database.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    public BackfillSandboxFaultKind Kind { get; set; }

    /// <summary>The function; by default any.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FunctionCompleter))]
    public string? Function { get; set; }

    /// <summary>The sessions; by default any.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SessionIdCompleter))]
    public Guid[] SessionId { get; set; } = [];

    /// <summary>The share of the calls that it hits, 0 to 1; the same ones each time, for the same seed.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(0.0, 1.0)]
    public double? Rate { get; set; }

    /// <summary>How many calls it hits at most.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    /// <summary>How many calls of one session it hits at most: with 1, a second attempt goes well.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(1, int.MaxValue)]
    public int? PerSession { get; set; }

    /// <summary>
    /// What the caller sees: by default 503 for Status, 504 for CommitThenTimeout and LateCommit, 502 for PartialCommit. With 0,
    /// CommitThenTimeout and PartialCommit reset the connection.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(0, 599)]
    public int? StatusCode { get; set; }

    /// <summary>The <c>sb-error-code</c>; by default the platform's own for the status.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ErrorCode { get; set; }

    /// <summary>
    /// How late: the answer, the rows of LateCommit and Accepted, the rest of PartialCommit, or the end of Unreachable and of what ails the
    /// database. By default 1 s for Latency, LateCommit and Accepted; never for PartialCommit; when it is cleared for Unreachable and
    /// what ails
    /// the database; otherwise nothing.
    /// </summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? Delay { get; set; }

    /// <summary>How many tables the function writes before PartialCommit lets it die, 0 to 5; by default 1.</summary>
    [Parameter]
    [ValidateNotNull]
    [ValidateRange(0, 5)]
    public int? AfterTables { get; set; }

    /// <summary>The table that LongTransaction and TableLock hold; by default public.fc_scores.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(TableCompleter))]
    public string? Table { get; set; }

    /// <summary>After what time the caller is asked to come again; rounded up to whole seconds.</summary>
    [Parameter]
    [ValidateNotNull]
    [Span]
    [ArgumentCompleter(typeof(SpanCompleter))]
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>The sandbox; by default the one that is running.</summary>
    [Parameter]
    [ValidateNotNull]
    [NoCopy(typeof(BackfillSandbox), "Name the sandbox that this session has started: -Sandbox completes it.")]
    [SandboxText]
    [ArgumentCompleter(typeof(SandboxCompleter))]
    public BackfillSandbox? Sandbox { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord() => _sessions.UnionWith(SessionId);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (_sessions.Count == 0 && MyInvocation.ExpectingInput)
        {
            throw new BackfillException(
                "SelectionEmpty",
                BackfillErrorKind.InvalidInput,
                "No session came through the pipeline. An empty selection never means all: leave pipeline and -SessionId out for a fault in every session.");
        }

        var fault = Fault();
        if (!fault.IsAnswered && !fault.IsSignal && (StatusCode ?? (object?)ErrorCode ?? RetryAfter) is not null)
            WriteWarning($"{Kind} answers no error of its own, so -StatusCode, -ErrorCode and -RetryAfter have no effect.");

        var sandbox = SandboxChoice.Of(Sandbox);
        if (!ShouldProcess(sandbox.ToString(), $"Set fault {fault}"))
            return;
        Work((_, stop) => EngineGateway.Sandboxes.SetFaultAsync(sandbox, fault, stop));
    }

    private BackfillSandboxFault Fault() => new()
    {
        Kind = Kind,
        Function = Function,
        SessionIds = _sessions.Count == 0 ? null : _sessions,
        Rate = Rate,
        Count = Count,
        PerSession = PerSession,
        StatusCode = StatusCode ?? (Kind == BackfillSandboxFaultKind.CommitThenTimeout ? 504 : null),
        ErrorCode = ErrorCode,
        DelayMs = Delay?.TotalMilliseconds,
        AfterTables = AfterTables,
        Table = Table,
        RetryAfterS = RetryAfter is { } wait ? (int)Math.Ceiling(wait.TotalSeconds) : null,
    };
}
