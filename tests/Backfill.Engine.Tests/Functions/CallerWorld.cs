using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Call.Http;
using Backfill.Engine.Plans.Json;

namespace Backfill.Engine.Tests.Functions;

/// <summary>Callers and calls for tests.</summary>
internal static class CallerWorld
{
    public const string Key = "sb_secret_Zz1234567890_secret";

    public static readonly Guid Session = Guid.Parse("618c5ea6-aeda-4084-9156-0aac9643afd3");

    public static readonly Guid Run = Guid.Parse("0a0a0a0a-0000-4000-8000-00000000000a");

    public static EdgeFunctionCaller Caller(Uri api, TimeProvider? time = null) =>
        new(api, Key, EdgeFunctionSettings.Default, time ?? TimeProvider.System);

    public static FunctionCall Call(string parameters = """{"version":"v1.2","basis":"functions"}""") =>
        new(Run, Session, "score_fc_session", FunctionParams.Parse(parameters), 1, 2, 7);

    /// <summary>What one call to such a server brings.</summary>
    public static async Task<FunctionReply> ReplyAsync(RawHttpServer server)
    {
        await using var _ = server;
        using var caller = Caller(server.Address);
        return await caller.CallAsync(Call(), TestContext.Current.CancellationToken);
    }
}
