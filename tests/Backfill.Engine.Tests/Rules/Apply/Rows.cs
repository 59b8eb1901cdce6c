using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Claim;
using Backfill.Engine.Apply.Settle;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Tests.Rules.Apply;

/// <summary>Rows of a session as a test wants them.</summary>
internal static class Rows
{
    public const string Fc = "public.fc_scores";
    public const string Profiles = "public.profiles";

    /// <summary>A row that was not there before and is there now.</summary>
    public static RowFact New(string table, params (string Column, string Value)[] values) =>
        new(table, "(1)", null, null, "now", "900", Values(values));

    /// <summary>A row that was there before and has been written over.</summary>
    public static RowFact WrittenOver(string table, params (string Column, string Value)[] values) =>
        new(table, "(1)", "100", "then", "now", "900", Values(values));

    /// <summary>A row that was there before and has not been touched.</summary>
    public static RowFact Untouched(string table, params (string Column, string Value)[] values) =>
        new(table, "(1)", "100", "then", "then", "100", Values(values));

    /// <summary>A row that was there before and is gone.</summary>
    public static RowFact Gone(string table) => new(table, "(1)", "100", "then", null, null, Values([]));

    public static PlanOperation ScoreFc(int position = 1, string version = "v1.2") => new()
    {
        Function = "score_fc_session",
        Params = FunctionParams.Parse($$"""{"version":"{{version}}","basis":"functions"}"""),
        Position = position,
    };

    public static PlanOperation ScorePrism(int position = 2, bool ifMissing = false) => new()
    {
        Function = "score_prism",
        Params = FunctionParams.Parse("""{"engine_version":"v1.2.1"}"""),
        IfMissing = ifMissing,
        Position = position,
    };

    public static OperationTrace Trace(PlanOperation operation, Disposition disposition, bool hadNothingToDo = false) => new(
        operation,
        new(
            new()
            {
                Position = operation.Position,
                Attempt = 1,
                Ending = disposition switch
                {
                    Disposition.Verify => OperationEnding.Succeeded,
                    Disposition.Spare => OperationEnding.Spared,
                    Disposition.Unknown => OperationEnding.Unknown,
                    Disposition.GiveBack => OperationEnding.NotReached,
                    _ => OperationEnding.Failed,
                },
                Category = disposition is Disposition.Verify or Disposition.Spare ? null : BackfillCategory.FunctionError,
            },
            disposition,
            hadNothingToDo));

    /// <summary>An operation that was not reached.</summary>
    public static OperationTrace NotReached(PlanOperation operation) => new(operation, null);

    private static Dictionary<string, string?> Values((string Column, string Value)[] values) =>
        values.ToDictionary(v => v.Column, v => (string?)v.Value);
}
