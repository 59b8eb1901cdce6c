namespace Backfill.Sandbox;

/// <summary>The sandbox cannot start; <see cref="Remedy"/> says what would help. Carries no secret.</summary>
internal sealed class SandboxException(string message, string remedy, Exception? inner = null) : Exception(message, inner)
{
    public string Remedy { get; } = remedy;
}
