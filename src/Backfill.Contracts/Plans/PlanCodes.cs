namespace Backfill;

/// <summary>The stable ids of everything that can be wrong with a plan.</summary>
public static class PlanCodes
{
    /// <summary>There is no such file.</summary>
    public const string NotFound = "PlanNotFound";

    /// <summary>The file cannot be read: a folder, no permission, an error of the device.</summary>
    public const string Unreadable = "PlanUnreadable";

    /// <summary>The file is larger than a plan may be.</summary>
    public const string TooLarge = "PlanTooLarge";

    /// <summary>The plan breaks at least one rule; the problems say which.</summary>
    public const string Invalid = "PlanInvalid";

    /// <summary>The text is not JSON.</summary>
    public const string NotJson = "PlanNotJson";

    /// <summary>The file is not UTF-8.</summary>
    public const string NotUtf8 = "PlanNotUtf8";

    /// <summary>There is nothing in the file.</summary>
    public const string Empty = "PlanEmpty";

    /// <summary>Too many objects and arrays lie in one another.</summary>
    public const string TooDeep = "PlanTooDeep";

    /// <summary>The file has more values than a plan may have.</summary>
    public const string TooManyValues = "PlanTooManyValues";

    /// <summary>There are more problems than are listed; of the severity of those left out.</summary>
    public const string TooManyProblems = "PlanTooManyProblems";

    /// <summary>An object has a name twice.</summary>
    public const string KeyDuplicate = "PlanKeyDuplicate";

    /// <summary>A text holds what PostgreSQL cannot store.</summary>
    public const string TextUnstorable = "PlanTextUnstorable";

    /// <summary>An object or an array is expected, and something else is there.</summary>
    public const string TypeInvalid = "PlanTypeInvalid";

    /// <summary>A field is missing that every plan needs.</summary>
    public const string FieldMissing = "PlanFieldMissing";

    /// <summary>Warning: nobody reads this field.</summary>
    public const string FieldUnknown = "PlanFieldUnknown";

    /// <summary>Warning: this field means nothing here.</summary>
    public const string FieldIgnored = "PlanFieldIgnored";

    /// <summary>A text is expected: a string, mostly short and not empty.</summary>
    public const string TextInvalid = "PlanTextInvalid";

    /// <summary>A number of sessions that may be approved is no whole number from 0.</summary>
    public const string AllowedInvalid = "PlanAllowedInvalid";

    /// <summary>A value that must be true or false is not.</summary>
    public const string FlagInvalid = "PlanFlagInvalid";

    /// <summary>An ISO 8601 date is expected.</summary>
    public const string DateInvalid = "PlanDateInvalid";

    /// <summary>A date that no calendar has.</summary>
    public const string DateImpossible = "PlanDateImpossible";

    /// <summary><c>environment</c> is neither <c>staging</c> nor <c>production</c>.</summary>
    public const string EnvironmentUnknown = "PlanEnvironmentUnknown";

    /// <summary><c>throttle_per_minute</c> is no whole number within its limits.</summary>
    public const string ThrottleInvalid = "PlanThrottleInvalid";

    /// <summary><c>batch_size</c> is no whole number within its limits.</summary>
    public const string BatchSizeInvalid = "PlanBatchSizeInvalid";

    /// <summary><c>total_candidates</c> is no whole number within its limits.</summary>
    public const string TotalInvalid = "PlanTotalInvalid";

    /// <summary>Warning: <c>total_candidates</c> is not the sum over the batches.</summary>
    public const string TotalDiffers = "PlanTotalDiffers";

    /// <summary><c>expected_runtime_minutes</c> is no number within its limits.</summary>
    public const string RuntimeInvalid = "PlanRuntimeInvalid";

    /// <summary><c>operation_delay_ms</c> is no whole number within its limits.</summary>
    public const string DelayInvalid = "PlanDelayInvalid";

    /// <summary><c>hours</c> are no windows and a time zone that this machine knows.</summary>
    public const string HoursInvalid = "PlanHoursInvalid";

    /// <summary><c>throttle_ramp</c> lacks a number, or begins no slower than <c>throttle_per_minute</c>.</summary>
    public const string RampInvalid = "PlanRampInvalid";

    /// <summary><c>guard</c> has a signal that isn't known, a limit that is none, or a statement that isn't one.</summary>
    public const string GuardInvalid = "PlanGuardInvalid";

    /// <summary>There is no batch.</summary>
    public const string BatchesMissing = "PlanBatchesMissing";

    /// <summary>A <c>batch_id</c> is missing, or not safe in a file name.</summary>
    public const string BatchIdInvalid = "PlanBatchIdInvalid";

    /// <summary>Two batches have the same <c>batch_id</c>, letter case aside.</summary>
    public const string BatchIdDuplicate = "PlanBatchIdDuplicate";

    /// <summary>A batch has neither <c>sessions</c> nor <c>session_count</c>.</summary>
    public const string SessionsMissing = "PlanSessionsMissing";

    /// <summary>A batch has both <c>sessions</c> and <c>session_count</c>.</summary>
    public const string SessionsAmbiguous = "PlanSessionsAmbiguous";

    /// <summary><c>sessions</c> has no session.</summary>
    public const string SessionsEmpty = "PlanSessionsEmpty";

    /// <summary>A session id is no uuid, or all zero.</summary>
    public const string SessionIdInvalid = "PlanSessionIdInvalid";

    /// <summary>Warning: a session is named twice; it is done once, in its first place.</summary>
    public const string SessionDuplicate = "PlanSessionDuplicate";

    /// <summary><c>session_count</c> is no whole number within its limits.</summary>
    public const string SessionCountInvalid = "PlanSessionCountInvalid";

    /// <summary>A batch has no operation.</summary>
    public const string OperationsMissing = "PlanOperationsMissing";

    /// <summary>A function's name is missing, or has characters that no function has.</summary>
    public const string FunctionInvalid = "PlanFunctionInvalid";

    /// <summary>Nobody says what the function writes: its effects could be neither verified nor undone.</summary>
    public const string FunctionUnknown = "PlanFunctionUnknown";

    /// <summary>A plan may not say anew what a known function writes.</summary>
    public const string FunctionKnown = "PlanFunctionKnown";

    /// <summary><c>params</c> is no object.</summary>
    public const string ParamsInvalid = "PlanParamsInvalid";

    /// <summary><c>session_id</c> is among the params; it is set for each call.</summary>
    public const string ParamReserved = "PlanParamReserved";

    /// <summary><c>if_missing</c> is neither <c>true</c> nor <c>false</c>.</summary>
    public const string IfMissingInvalid = "PlanIfMissingInvalid";

    /// <summary>A param is missing that a known function needs.</summary>
    public const string ParamMissing = "PlanParamMissing";

    /// <summary>A param is missing that a registered function's expected row takes a value from.</summary>
    public const string ExpectedParamMissing = "PlanExpectedParamMissing";

    /// <summary>A param of a known function is no text.</summary>
    public const string ParamInvalid = "PlanParamInvalid";

    /// <summary>Warning: the function does not know this param; it is sent as it is.</summary>
    public const string ParamUnknown = "PlanParamUnknown";

    /// <summary>Warning: a param names another version than the plan's.</summary>
    public const string VersionDiffers = "PlanVersionDiffers";

    /// <summary>Warning: the plan expects no changes, so none will be checked.</summary>
    public const string ExpectedMissing = "PlanExpectedMissing";

    /// <summary>An expected figure or value cannot be compared with anything.</summary>
    public const string ExpectedInvalid = "PlanExpectedInvalid";

    /// <summary>Warning: changes are expected in a table that no operation of the plan writes.</summary>
    public const string ExpectedTableUnknown = "PlanExpectedTableUnknown";

    /// <summary>Not the name of a table that a plan may name.</summary>
    public const string TableInvalid = "PlanTableInvalid";

    /// <summary>A table is here twice, once with and once without its schema.</summary>
    public const string TableDuplicate = "PlanTableDuplicate";

    /// <summary>A plan may not say anew what is known of a table.</summary>
    public const string TableKnown = "PlanTableKnown";

    /// <summary>Nobody says which column of the table holds the session.</summary>
    public const string TableUnknown = "PlanTableUnknown";

    /// <summary>Not the name of a column.</summary>
    public const string ColumnInvalid = "PlanColumnInvalid";

    /// <summary>A function's footprint names no table that it writes.</summary>
    public const string WritesMissing = "PlanWritesMissing";

    /// <summary>A function's expected row lies in a table that it does not write.</summary>
    public const string ExpectedRowInvalid = "PlanExpectedRowInvalid";
}
