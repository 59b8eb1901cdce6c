using Backfill.Engine.Ledger;

namespace Backfill.Engine.Apply.Steer;

/// <summary>What is wanted of the run by now, as the ledger's last answer had it; for the dispatcher and every session in hand.</summary>
internal sealed class RunWatch(RunControl control)
{
    private volatile RunControl _control = control;

    public RunControl Control
    {
        get => _control;
        set => _control = value;
    }

    /// <summary>Whether nothing may be called for the moment, but by the one call that finds out whether that is over.</summary>
    public bool IsHeld => _control.Hold is not null;

    /// <summary>Whether nothing may be called at all, because the target suffers.</summary>
    public bool IsBusy => _control.Hold == RunHoldCause.TargetBusy;

    /// <summary>The hold that this worker met itself, and has told of; null where there is none.</summary>
    public RunHoldCause? OwnHold { get; private set; }

    /// <summary>This worker's own news, ahead of the next answer.</summary>
    public void Held(RunHoldCause? cause)
    {
        OwnHold = cause;
        _control = _control with { Hold = cause };
    }

    /// <summary>The same for attempts that did not go well.</summary>
    public void Counted(int failedInARow) => _control = _control with { FailedInARow = failedInARow };
}
