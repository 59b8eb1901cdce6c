using Backfill.Engine.Apply.Call;

namespace Backfill.Engine.Tests.Apply;

/// <summary>Functions that refuse the key.</summary>
internal sealed class RefusingFunctions : IFunctionCaller
{
    public Task WarmUpAsync(int connections, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task<FunctionReply> CallAsync(FunctionCall call, CancellationToken cancellationToken) =>
        Task.FromResult(new FunctionReply { StatusCode = 401, PlatformCode = "UNAUTHORIZED" });
}
