using System.Management.Automation;

namespace Backfill.PowerShell.Errors;

/// <summary>The one place where an exception becomes an error record.</summary>
internal static class ErrorRecords
{
    /// <summary>The id of an error that nobody foresaw.</summary>
    public const string Unforeseen = "BackfillUnforeseen";

    public static ErrorRecord Of(Exception exception) => exception switch
    {
        BackfillException known => Of(known, known.TargetObject),
        IContainsErrorRecord { ErrorRecord: { } record } => record,
        _ => new(exception, Unforeseen, ErrorCategory.NotSpecified, null),
    };

    /// <summary>The record of an error that is about one thing of several.</summary>
    public static ErrorRecord Of(BackfillException known, object? target) => new(known, known.Code, CategoryOf(known.Kind), target);

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
