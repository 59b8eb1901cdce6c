namespace Backfill;

/// <summary>What kind of failure a <see cref="BackfillException"/> is; the shell maps it to its own categories.</summary>
public enum BackfillErrorKind
{
    /// <summary>A value or a file that can't be used.</summary>
    InvalidInput,

    /// <summary>Something named is not there.</summary>
    NotFound,

    /// <summary>The target can't be reached.</summary>
    Unreachable,

    /// <summary>The target refuses the credentials.</summary>
    Authentication,

    /// <summary>A right is missing.</summary>
    Permission,

    /// <summary>Somebody else is working on it.</summary>
    Busy,

    /// <summary>The state does not allow it.</summary>
    InvalidState,

    /// <summary>The ledger or a program that is needed is not installed.</summary>
    NotInstalled,

    /// <summary>Refused to protect the target.</summary>
    Refused,

    /// <summary>A disk takes no more.</summary>
    Storage,
}

/// <summary>An error for the operator: a stable id, the place, and the remedy in its message.</summary>
public class BackfillException : Exception
{
    /// <summary>Makes the error.</summary>
    /// <param name="code">The stable id, for example <c>LedgerNotInstalled</c>.</param>
    /// <param name="kind">What kind of failure it is.</param>
    /// <param name="message">What is wrong, where, and what to do. Never holds a secret.</param>
    /// <param name="target">What it concerns: a path, a run id, a session id.</param>
    /// <param name="inner">The cause, if any; its text never holds a secret either.</param>
    public BackfillException(
        string code, BackfillErrorKind kind, string message, object? target = null, Exception? inner = null)
        : base(message, inner)
    {
        Code = code;
        Kind = kind;
        TargetObject = target;
    }

    /// <summary>The stable id, the first part of PowerShell's <c>FullyQualifiedErrorId</c>.</summary>
    public string Code { get; }

    /// <summary>What kind of failure it is.</summary>
    public BackfillErrorKind Kind { get; }

    /// <summary>What it concerns: a path, a run id, a session id.</summary>
    public object? TargetObject { get; }
}
