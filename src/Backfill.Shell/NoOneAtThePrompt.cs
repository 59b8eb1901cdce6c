using System.Management.Automation;
using System.Management.Automation.Host;

namespace Backfill.Shell;

internal static class NoOneAtThePrompt
{
    public static HostException Error(string asked) => new(
        $"There is no one at the prompt: this shell never asks. It would have asked: {asked.Trim()}",
        innerException: null,
        errorId: "NoOneAtThePrompt",
        errorCategory: ErrorCategory.ResourceUnavailable);
}
