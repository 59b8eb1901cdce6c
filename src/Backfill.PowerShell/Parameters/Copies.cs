using System.Management.Automation;

namespace Backfill.PowerShell.Parameters;

/// <summary>
/// Objects that came back from <c>Export-Clixml</c>, a job or another session: their properties, without what is behind them.
/// </summary>
internal static class Copies
{
    private const string Prefix = "Deserialized.";

    /// <summary>Whether it was one of <typeparamref name="T"/>.</summary>
    public static bool IsOf<T>(object? value) => IsOf(value, typeof(T));

    public static bool IsOf(object? value, Type type) =>
        value is PSObject wrapped && wrapped.TypeNames.Contains(Prefix + type.FullName, StringComparer.OrdinalIgnoreCase);
}
