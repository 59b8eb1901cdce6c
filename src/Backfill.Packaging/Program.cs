using Backfill.Packaging;

if (args is not [var module, var changes, var output])
{
    await Console.Error.WriteLineAsync("usage: dotnet Backfill.Packaging.dll <staged module> <CHANGELOG.md> <output folder>");
    return 2;
}

try
{
    var manifest = ModuleManifest.Read(module);
    var package = new ModulePackage(manifest, ReleaseNotes.Newest(await File.ReadAllTextAsync(changes), manifest.Version), module);
    Console.WriteLine(package.Save(output));
    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
