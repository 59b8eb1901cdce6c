using Backfill.Packaging;

if (args is not [var module, var output])
{
    await Console.Error.WriteLineAsync("usage: dotnet Backfill.Packaging.dll <staged module> <output folder>");
    return 2;
}

try
{
    Console.WriteLine(new ModulePackage(ModuleManifest.Read(module), module).Save(output));
    return 0;
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 1;
}
