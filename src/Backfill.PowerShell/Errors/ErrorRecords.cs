using System.Management.Automation;

namespace Backfill.PowerShell.Errors;

/// <summary>The one place where an exception becomes an error record.</summary>
internal static class ErrorRecords
{
    /// <summary>The id of an error that nobody foresaw.</summary>
    public const string Unforeseen = "BackfillUnforeseen";

    /// <param name="exception">What went wrong.</param>
    /// <param name="otherwise">What it's about where the exception doesn't say.</param>
    public static ErrorRecord Of(Exception exception, object? otherwise = null) => exception switch
    {
        BackfillException known => OfOne(known, known.TargetObject ?? otherwise),
        IContainsErrorRecord { ErrorRecord: { } record } => record,
        _ => new(exception, Unforeseen, ErrorCategory.NotSpecified, otherwise),
    };

    /// <summary>The record of an error that is about one thing of several.</summary>
    public static ErrorRecord OfOne(BackfillException known, object? target) => new(known, known.Code, CategoryOf(known.Kind), target);

    private static ErrorCategory CategoryOf(BackfillErrorKind kind) => kind switch
    {
        BackfillErrorKind.InvalidInput => ErrorCategory.InvalidData,
        BackfillErrorKind.NotFound => ErrorCategory.ObjectNotFound,
        BackfillErrorKind.Unreachable => ErrorCategory.ConnectionError,
        BackfillErrorKind.Authentication => ErrorCategory.AuthenticationError,
        BackfillErrorKind.Permission => ErrorCategory.PermissionDenied,
        BackfillErrorKind.Busy => ErrorCategory.ResourceBusy,
        BackfillErrorKind.InvalidState => ErrorCategory.InvalidOperation,
        BackfillErrorKind.NotInstalled => ErrorCategory.NotInstalled,
        BackfillErrorKind.Refused => ErrorCategory.SecurityError,
        BackfillErrorKind.Storage => ErrorCategory.WriteError,
        _ => ErrorCategory.NotSpecified,
    };
}
