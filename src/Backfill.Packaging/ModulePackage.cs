using NuGet.Common;
using NuGet.Packaging;
using NuGet.Packaging.Licenses;
using NuGet.Versioning;

namespace Backfill.Packaging;

/// <summary>A module's folder as the package that the PowerShell Gallery takes.</summary>
/// <param name="manifest">What it is.</param>
/// <param name="folder">All of its files.</param>
internal sealed class ModulePackage(ModuleManifest manifest, string folder)
{
    /// <summary>Where an expression's licence text is; NuGet writes the address of an expression so.</summary>
    private const string LicenseHost = "licenses.nuget.org";

    /// <summary>When every entry was written: never when this ran. Zip knows no year before 1980, in any time zone.</summary>
    private const string Timestamp = "2000-01-01T00:00:00Z";

    /// <returns>The package's file, whole or not at all.</returns>
    public string Save(string output)
    {
        var builder = new PackageBuilder(deterministic: true, NullLogger.Instance)
        {
            Id = manifest.Name,
            Version = NuGetVersion.Parse(manifest.Version),
            Description = manifest.Description,
            Copyright = manifest.Copyright,
            ProjectUrl = manifest.Project,
            LicenseMetadata = License(),
            ReleaseNotes = manifest.ReleaseNotes,
            Icon = $"{manifest.Name}.png",
            DeterministicTimestamp = Timestamp,
        };
        builder.Authors.Add(manifest.Author);
        builder.Owners.Add(manifest.Company);
        builder.Tags.AddRange(Tags());
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            builder.Files.Add(new PhysicalPackageFile { SourcePath = file, TargetPath = Path.GetRelativePath(folder, file) });

        var target = Path.Combine(Directory.CreateDirectory(output).FullName, $"{manifest.Name}.{builder.Version.ToNormalizedString()}.nupkg");
        var unfinished = $"{target}.new";
        using (var stream = File.Create(unfinished))
            builder.Save(stream);
        File.Move(unfinished, target, overwrite: true);
        return target;
    }

    // The gallery finds a module's commands by these words.
    private IEnumerable<string> Tags() =>
    [
        .. manifest.Tags,
        "PSModule",
        .. manifest.Editions.Select(edition => $"PSEdition_{edition}"),
        "PSIncludes_Cmdlet",
        .. manifest.Cmdlets.SelectMany(cmdlet => new[] { $"PSCmdlet_{cmdlet}", $"PSCommand_{cmdlet}" }),
    ];

    // Publish-PSResource writes the manifest's address; as an expression it is that address too, and tools can read it.
    private LicenseMetadata License()
    {
        if (manifest.License.Host != LicenseHost)
            throw new InvalidDataException($"LicenseUri must be https://{LicenseHost}/<expression>: {manifest.License}");
        var expression = Uri.UnescapeDataString(manifest.License.AbsolutePath.TrimStart('/'));
        return new(LicenseType.Expression, expression, NuGetLicenseExpression.Parse(expression), [], LicenseMetadata.CurrentVersion);
    }
}
