using System.Globalization;
using System.Security.Cryptography;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Rollback;

/// <summary>Where a rollback script lies: named by the day its run began, so that a later one of the run takes its place.</summary>
internal static class RollbackFile
{
    public static string PathOf(string outputPath, BackfillRun run, RollbackSelection selection)
    {
        var day = (run.StartedAt ?? DateTimeOffset.UtcNow).UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var plain = Path.Combine(outputPath, "backfill_logs", $"rollback_{day}");
        if (!selection.IsWholeRun)
            return $"{plain}_{run.RunId}_{Digest(selection)}.sql";
        // The name that an operator has noted stays with the run that had it first.
        return !Path.Exists($"{plain}.sql") || ArtifactFile.OwnerOf($"{plain}.sql") == run.RunId
            ? $"{plain}.sql"
            : $"{plain}_{run.RunId}.sql";
    }

    /// <summary>Named by the first day that it takes in.</summary>
    public static string TimestampPathOf(string outputPath, DateTimeOffset after) => Path.Combine(
        outputPath, "backfill_logs", $"rollback_{after.UtcDateTime.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}_timestamp.sql");

    /// <summary>The same for the same sessions and window.</summary>
    private static string Digest(RollbackSelection selection)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var session in (selection.Sessions ?? []).Order())
            hash.AppendData(session.ToByteArray());
        hash.AppendData(BitConverter.GetBytes(selection.After?.UtcTicks ?? 0));
        hash.AppendData(BitConverter.GetBytes(selection.Before?.UtcTicks ?? 0));
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..8];
    }
}
