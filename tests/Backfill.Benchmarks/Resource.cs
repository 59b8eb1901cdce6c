using System.Reflection;

namespace Backfill.Benchmarks;

/// <summary>The files embedded beside the classes that use them.</summary>
internal static class Resource
{
    public static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
