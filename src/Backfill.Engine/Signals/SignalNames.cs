namespace Backfill.Engine.Signals;

/// <summary>The names of spans, by the pattern of OpenTelemetry's semantic conventions.</summary>
public static class SpanNames
{
    /// <summary>A worker's part in a run, from its start to its artifacts.</summary>
    public const string Run = "backfill.run";

    /// <summary>A session, from its claim to its settlement.</summary>
    public const string Session = "backfill.session";

    /// <summary>One call of an edge function.</summary>
    public const string Operation = "backfill.operation";

    /// <summary>A claim of one or more sessions.</summary>
    public const string Claim = "backfill.claim";

    /// <summary>The settlement of a session.</summary>
    public const string Settle = "backfill.settle";

    /// <summary>A soak, as far as this process watches it.</summary>
    public const string Soak = "backfill.soak";

    /// <summary>One sample of a soak.</summary>
    public const string SoakSample = "backfill.soak.sample";

    /// <summary>A rollback.</summary>
    public const string Rollback = "backfill.rollback";

    /// <summary>A health check.</summary>
    public const string Health = "backfill.health";
}

/// <summary>The names of events.</summary>
public static class EventNames
{
    /// <summary>A worker began to work on a run.</summary>
    public const string RunStarted = "backfill.run.started";

    /// <summary>A worker has left the run, in the state of attribute <c>backfill.state</c>.</summary>
    public const string RunState = "backfill.run.state_changed";

    /// <summary>The pace or the wanted state was changed by an order.</summary>
    public const string RunOrder = "backfill.run.order_obeyed";

    /// <summary>A worker could not go on, for example because the database was gone.</summary>
    public const string WorkerFailed = "backfill.run.worker_failed";

    /// <summary>Failures have reached a limit.</summary>
    public const string BreakerOpened = "backfill.run.breaker_opened";

    /// <summary>A session was claimed.</summary>
    public const string SessionClaimed = "backfill.session.claimed";

    /// <summary>A session was given back unsettled.</summary>
    public const string SessionReleased = "backfill.session.released";

    /// <summary>A session was settled.</summary>
    public const string SessionSettled = "backfill.session.settled";

    /// <summary>A gate waits for a decision.</summary>
    public const string GateRaised = "backfill.gate.raised";

    /// <summary>A gate was approved or denied.</summary>
    public const string GateDecided = "backfill.gate.decided";

    /// <summary>An approval has started a phase.</summary>
    public const string GateUsed = "backfill.gate.used";

    /// <summary>A soak began, or was gone on with.</summary>
    public const string SoakStarted = "backfill.soak.started";

    /// <summary>A sample was taken.</summary>
    public const string SoakSampled = "backfill.soak.sampled";

    /// <summary>A soak has ended, or was stopped.</summary>
    public const string SoakEnded = "backfill.soak.ended";

    /// <summary>Something was said to the operator as a warning.</summary>
    public const string Warning = "backfill.warning";

    /// <summary>Production, or staging, was looked at.</summary>
    public const string HealthChecked = "backfill.health.checked";

    /// <summary>A run was rolled back, in whole or in part.</summary>
    public const string RolledBack = "backfill.run.rolled_back";
}

/// <summary>The names of attributes; those of OpenTelemetry's registry where it has one.</summary>
public static class SignalTags
{
    /// <summary><c>staging</c> or <c>production</c>.</summary>
    public const string Environment = "deployment.environment.name";

    /// <summary>The run. Never on a metric.</summary>
    public const string RunId = "backfill.run.id";

    /// <summary>The session. Never on a metric.</summary>
    public const string SessionId = "backfill.session.id";

    /// <summary>The batch. Never on a metric.</summary>
    public const string BatchId = "backfill.batch.id";

    /// <summary>The edge function.</summary>
    public const string Function = "faas.invoked_name";

    /// <summary>How a session or an operation ended.</summary>
    public const string Outcome = "backfill.outcome";

    /// <summary>What kind of failure.</summary>
    public const string Category = "error.type";

    /// <summary>The HTTP status.</summary>
    public const string StatusCode = "http.response.status_code";

    /// <summary>The HTTP method.</summary>
    public const string Method = "http.request.method";

    /// <summary>The gate.</summary>
    public const string Gate = "backfill.gate.name";

    /// <summary>The sign of the target's health.</summary>
    public const string Signal = "backfill.guard.signal";

    /// <summary>The check of a soak.</summary>
    public const string Check = "backfill.soak.check.name";

    /// <summary>A state, a status or a verdict.</summary>
    public const string State = "backfill.state";

    /// <summary>What is waited for.</summary>
    public const string Cause = "backfill.wait.cause";

    /// <summary>Whether a candidate can be backfilled.</summary>
    public const string Backfillable = "backfill.backfillable";

    /// <summary>Whether a decision went over a criterion that was not met.</summary>
    public const string Overridden = "backfill.gate.overridden";

    /// <summary>What was done.</summary>
    public const string Action = "backfill.action";
}
