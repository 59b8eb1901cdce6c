using System.Reflection;

namespace Backfill.TestWorker;

/// <summary>What happens around the calls of a port.</summary>
/// <remarks>By name, so that a port that grows breaks no test that does not care.</remarks>
internal sealed class Around
{
    /// <summary>Before the call of a method with these arguments.</summary>
    public Func<string, object?[], Task> Before { get; init; } = (_, _) => Task.CompletedTask;

    /// <summary>After it has brought that result; its caller has it only once this is done.</summary>
    public Func<string, object?[], object?, Task> After { get; init; } = (_, _, _) => Task.CompletedTask;
}

/// <summary>A port with something around its asynchronous calls.</summary>
internal class Interceptor : DispatchProxy
{
    private static readonly MethodInfo TypedCall = typeof(Interceptor).GetMethod(nameof(CallAsync), BindingFlags.NonPublic | BindingFlags.Instance)!;

    private object _real = null!;
    private Around _around = null!;

    public static T Of<T>(T real, Around around)
        where T : class
    {
        var port = Create<T, Interceptor>();
        var interceptor = (Interceptor)(object)port;
        (interceptor._real, interceptor._around) = (real, around);
        return port;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        var type = targetMethod!.ReturnType;
        if (type == typeof(Task))
            return CallAsync<object?>(targetMethod, args!);
        return type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Task<>)
            ? TypedCall.MakeGenericMethod(type.GetGenericArguments()[0]).Invoke(this, [targetMethod, args])
            : targetMethod.Invoke(_real, args);
    }

    private async Task<T?> CallAsync<T>(MethodInfo method, object?[] args)
    {
        await _around.Before(method.Name, args).ConfigureAwait(false);
        var task = (Task)method.Invoke(_real, BindingFlags.DoNotWrapExceptions, null, args, null)!;
        await task.ConfigureAwait(false);
        var result = task is Task<T> typed ? typed.Result : default;
        await _around.After(method.Name, args, result).ConfigureAwait(false);
        return result;
    }
}
