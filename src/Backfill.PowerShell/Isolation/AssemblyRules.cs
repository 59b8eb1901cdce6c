using System.Reflection;

namespace Backfill.PowerShell.Isolation;

/// <summary>Which context an assembly comes from. Pure: nothing is loaded here.</summary>
internal static class AssemblyRules
{
    /// <summary>The only assembly of ours that the default context may ask for and can't find.</summary>
    public const string Entry = "Backfill.Engine";

    // One copy for the whole process, or the types that operators name would not be the types we return.
    private static readonly HashSet<string> Shared = new(StringComparer.OrdinalIgnoreCase)
    {
        "Backfill.Contracts",
        "Backfill.PowerShell",
        "System.Management.Automation",
    };

    /// <summary>Whether a request that the default context could not meet is ours to meet.</summary>
    /// <param name="requested">What is asked for.</param>
    /// <param name="entry">The entry assembly that lies in <c>Dependencies</c>; null if it does not.</param>
    /// <returns>
    /// True for the entry assembly in exactly this version. Other modules' requests, for Npgsql say, are theirs to meet.
    /// </returns>
    public static bool AnswersDefault(AssemblyName requested, AssemblyName? entry) =>
        IsNamed(requested, Entry)
        && Fits(requested, entry)
        && (requested.Version is null || requested.Version == entry!.Version);

    /// <summary>Whether a request from inside the private context is met there.</summary>
    /// <param name="requested">What is asked for.</param>
    /// <param name="present">What lies in <c>Dependencies</c> under that name; null if nothing does.</param>
    /// <returns>True if it is; else the default context is asked.</returns>
    public static bool LoadsPrivately(AssemblyName requested, AssemblyName? present) =>
        requested.Name is { } name && !Shared.Contains(name) && Fits(requested, present);

    private static bool Fits(AssemblyName requested, AssemblyName? present) =>
        present?.Name is { } name
        && IsNamed(requested, name)
        && string.Equals(requested.CultureName ?? "", present.CultureName ?? "", StringComparison.OrdinalIgnoreCase)
        && (requested.Version is null || requested.Version <= present.Version)
        && HasKey(requested, present);

    private static bool HasKey(AssemblyName requested, AssemblyName present) =>
        requested.GetPublicKeyToken() is not { Length: > 0 } key
        || key.AsSpan().SequenceEqual(present.GetPublicKeyToken());

    private static bool IsNamed(AssemblyName requested, string name) =>
        string.Equals(requested.Name, name, StringComparison.OrdinalIgnoreCase);
}
