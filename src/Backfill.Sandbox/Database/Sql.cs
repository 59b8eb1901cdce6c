namespace Backfill.Sandbox.Database;

/// <summary>The embedded SQL files, by their path in this project.</summary>
internal static class Sql
{
    public static string Read(string name)
    {
        // The separator in a resource's name is the one of the machine that built it.
        var assembly = typeof(Sql).Assembly;
        using var stream = assembly.GetManifestResourceStream(name)
            ?? assembly.GetManifestResourceStream(name.Replace('/', '\\'))
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
