using System.Security.Cryptography;
using Backfill.Engine.Apply.Call;
using Backfill.Engine.Apply.Call.Http;
using Backfill.Engine.Connections.Settings;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Connections.Checks;

/// <summary>Whether the functions refuse a wrong key: only then is the key that they took proved right.</summary>
internal static class WrongKeyCheck
{
    public const string Name = "WrongKey";

    public static async Task<BackfillCheck> TakeAsync(
        Uri api, ProjectKey key, IReadOnlyList<string> functions, TimeProvider time, CancellationToken cancellationToken)
    {
        using var caller = new EdgeFunctionCaller(
            api, WrongKey(key), EdgeFunctionSettings.Default with { CallTimeout = TimeSpan.FromSeconds(30) }, time);
        var replies = new List<(string Function, FunctionReply Reply)>();
        foreach (var function in functions)
        {
            replies.Add((function, (await caller.ProbeAsync(function, cancellationToken).ConfigureAwait(false)).Reply));
            cancellationToken.ThrowIfCancellationRequested();
        }

        return Judge(replies);
    }

    /// <summary>What the replies to a wrong key say, where the right one was taken.</summary>
    public static BackfillCheck Judge(IReadOnlyList<(string Function, FunctionReply Reply)> replies)
    {
        var open =
            replies.Where(r => r.Reply is { Fault: ReplyFault.None, StatusCode: 200 or 400 or 422 }).Select(r => r.Function).ToList();
        var silent = replies.Where(r => r.Reply is not { Fault: ReplyFault.None, StatusCode: 200 or 400 or 401 or 403 or 422 }).ToList();
        if (open.Count > 0)
        {
            return BackfillCheck.Warn(
                Name,
                $"These functions check no key: {string.Join(", ", open)} accepted a wrong key as well. So nothing proves that -ServiceRoleKey is right, and anyone who knows the address can call them.",
                "Compare the key with the project's (project settings, API keys). To have keys checked, deploy the functions with verify_jwt, which needs the legacy service_role key, or have them check it themselves.");
        }

        return silent.Count > 0
            ? BackfillCheck.Warn(
                Name, $"It can't be said whether a wrong key is refused: {string.Join(", ", silent.Select(s => $"{s.Function} answered {Answer(s.Reply)}"))}.",
                "Try again in a moment.")
            : BackfillCheck.Pass(
                Name, $"Refused by {string.Join(" and ", replies.Select(r => r.Function))}, so the key that they take is right.");
    }

    /// <summary>A key of the same kind that nobody has given out: with another signature, or another secret.</summary>
    public static string WrongKey(ProjectKey key)
    {
        if (!key.IsLegacy)
            return $"sb_secret_{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
        var payload = key.Value[..key.Value.LastIndexOf('.')];
        return $"{payload}.{System.Buffers.Text.Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32))}";
    }

    private static string Answer(FunctionReply reply) => reply.StatusCode is { } status
        ? status.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : $"nothing ({reply.Message})";
}
