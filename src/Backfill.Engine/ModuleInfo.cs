using System.Reflection;

namespace Backfill.Engine;

/// <summary>What this build is.</summary>
internal static class ModuleInfo
{
    /// <summary>The module's version.</summary>
    public static string Version { get; } =
        typeof(ModuleInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
}
