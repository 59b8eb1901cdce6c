using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Backfill.Engine.Gates;

/// <summary>
/// The chain of a run's decisions. It finds accidents and casual edits: the database's owner, who could compute it anew, is trusted.
/// </summary>
public static class GateChain
{
    /// <summary>The hash of an entry: SHA-256, in hex, of the UTF-8 JSON array of all its values, the hash before it first.</summary>
    /// <param name="entry">The entry; its <see cref="GateEntry.Hash"/> plays no part.</param>
    /// <returns>64 hex digits.</returns>
    public static string HashOf(GateEntry entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartArray();
            json.WriteStringValue(entry.Previous);
            json.WriteStringValue(entry.RunId);
            json.WriteNumberValue(entry.Sequence);
            json.WriteStringValue(entry.Gate.ToString());
            json.WriteStringValue(entry.Action.ToString());
            json.WriteStringValue(Time(entry.At));
            json.WriteStringValue(entry.PlanHash);
            json.WriteStringValue(entry.Evidence);
            json.WriteStringValue(entry.EvidenceHash);
            json.WriteStringValue(entry.Criteria);
            json.WriteStringValue(entry.OtherEvidence);
            json.WriteBooleanValue(entry.Overridden);
            json.WriteStringValue(entry.Reason);
            json.WriteStringValue(entry.Operator);
            json.WriteStringValue(entry.DatabaseRole);
            json.WriteStringValue(entry.Approver);
            json.WriteStringValue(entry.ExpiresAt is { } expires ? Time(expires) : null);
            json.WriteStringValue(entry.UsedFor);
            json.WriteEndArray();
        }

        return Hex(buffer.ToArray());
    }

    /// <summary>SHA-256 of a text's UTF-8 bytes.</summary>
    /// <param name="text">The text.</param>
    /// <returns>64 hex digits.</returns>
    public static string HashOf(string text) => Hex(Encoding.UTF8.GetBytes(text));

    /// <summary>The entry as it follows the others.</summary>
    internal static GateEntry Next(GateEntry entry, int count, string? head)
    {
        var linked = entry with { Sequence = count + 1, Previous = head ?? "" };
        return linked with { Hash = HashOf(linked) };
    }

    /// <summary>What is wrong with a chain.</summary>
    /// <param name="entries">The entries by their sequence.</param>
    /// <param name="count">How many the run says there are.</param>
    /// <param name="head">The newest one's hash by the run; null for none.</param>
    /// <returns>In a sentence; null where it is whole.</returns>
    public static string? FindBreak(IReadOnlyList<GateEntry> entries, int count, string? head)
    {
        var previous = "";
        for (var i = 0; i < entries.Count; i++)
        {
            var entry = entries[i];
            if (entry.Sequence != i + 1)
                return Text($"decision {i + 1} is missing, and {entry.Sequence} is in its place");
            if (entry.Previous != previous)
                return Text($"decision {entry.Sequence} does not follow the one before it");
            if (entry.Hash != HashOf(entry) || entry.EvidenceHash != HashOf(entry.Evidence))
                return Text($"decision {entry.Sequence} is not as it was written");
            previous = entry.Hash;
        }

        if (entries.Count != count)
            return Text($"the run has had {count} decisions, and {entries.Count} are there");
        return previous == (head ?? "") ? null : "the newest decision is not the one that the run names";
    }

    private static string Hex(byte[] bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes));

    /// <summary>To the microsecond, which is what PostgreSQL keeps.</summary>
    private static string Time(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
