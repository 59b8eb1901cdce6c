using System.Diagnostics;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;

namespace Backfill.PowerShell.Tests.Module;

/// <summary>The package that <c>./build.sh package</c> makes of the staged module.</summary>
public sealed class PackageTests(PackageTests.Packages packages) : IClassFixture<PackageTests.Packages>
{
    /// <summary>The gallery takes no more.</summary>
    private const int LongestTags = 4000;

    [Fact]
    public void It_holds_exactly_the_staged_modules_files()
    {
        using var zip = ZipFile.OpenRead(packages.First);
        var modules = zip.Entries.Where(e => !IsOfTheFormat(e.FullName)).ToDictionary(e => e.FullName, Content);
        var staged = Directory.EnumerateFiles(Repository.ModuleFolder, "*", SearchOption.AllDirectories)
            .ToDictionary(f => Path.GetRelativePath(Repository.ModuleFolder, f).Replace('\\', '/'));
        Assert.Equal(staged.Keys.Order(StringComparer.Ordinal), modules.Keys.Order(StringComparer.Ordinal));
        Assert.All(staged, f => Assert.True(File.ReadAllBytes(f.Value).AsSpan().SequenceEqual(modules[f.Key]), f.Key));
    }

    [Fact]
    public void It_says_what_it_is_whose_it_is_and_what_is_new()
    {
        using var zip = ZipFile.OpenRead(packages.First);
        var nuspec = Nuspec(zip);
        Assert.Equal("Backfill.PowerShell", nuspec["id"]);
        Assert.Equal($"Backfill.PowerShell.{nuspec["version"]}.nupkg", Path.GetFileName(packages.First));
        Assert.Equal("The Backfill.PowerShell contributors", nuspec["authors"]);
        Assert.Equal("MIT", nuspec["license"]);
        Assert.StartsWith("Repairs data", nuspec["description"], StringComparison.Ordinal);
        Assert.True(Uri.IsWellFormedUriString(nuspec["projectUrl"], UriKind.Absolute));
        Assert.StartsWith("- ", nuspec["releaseNotes"], StringComparison.Ordinal);
        Assert.Contains(nuspec["releaseNotes"], File.ReadAllText(Path.Combine(Repository.Root, "CHANGELOG.md")), StringComparison.Ordinal);
        Assert.Equal([0x89, .. "PNG"u8], Content(zip.GetEntry(nuspec["icon"])!)[..4]);
        Assert.NotNull(zip.GetEntry("LICENSE"));
    }

    [Fact]
    public async Task The_gallery_finds_it_by_each_of_its_commands()
    {
        using var zip = ZipFile.OpenRead(packages.First);
        var tags = Nuspec(zip)["tags"];
        Assert.True(tags.Length <= LongestTags, $"{tags.Length} characters");
        var cmdlets = await ModuleShell.RunAsync("Get-Command -Module Backfill.PowerShell | ForEach-Object Name");
        Assert.Superset(
            new HashSet<string>(["PSModule", "PSEdition_Core", "PSIncludes_Cmdlet", .. cmdlets.SelectMany(c => new[] { $"PSCmdlet_{c}", $"PSCommand_{c}" })]),
            tags.Split(' ').ToHashSet());
    }

    [Fact]
    public void The_same_module_gives_the_same_bytes_wherever_and_whenever() =>
        Assert.Equal(File.ReadAllBytes(packages.First), File.ReadAllBytes(packages.Second));

    [Fact]
    public void No_path_of_this_machine_is_in_it()
    {
        string[] places = [Repository.Root, Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), Path.GetTempPath()];
        var sought = places.Select(p => p.TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar)
            .SelectMany(p => new[] { Encoding.UTF8.GetBytes(p), Encoding.Unicode.GetBytes(p) }).ToList();
        using var zip = ZipFile.OpenRead(packages.First);
        foreach (var entry in zip.Entries)
        {
            var content = Content(entry);
            Assert.All(sought, s => Assert.True(content.AsSpan().IndexOf(s) < 0, $"{entry.FullName}: {Encoding.UTF8.GetString(s)}"));
        }
    }

    [Fact]
    public async Task Unpacked_it_imports_in_a_fresh_process()
    {
        using var folder = new TemporaryFolder();
        await ZipFile.ExtractToDirectoryAsync(packages.First, folder.FullName, TestContext.Current.CancellationToken);
        var result = await ShellProcess.RunAsync(
            $$"""
            $ErrorActionPreference = 'Stop'
            $module = Import-Module '{{Path.Combine(folder.FullName, "Backfill.PowerShell.psd1")}}' -PassThru
            "$($module.ModuleBase) $($module.Version)"
            "$((Get-BackfillPlan '{{ModuleShell.ApplyPlan}}').TotalCandidates)"
            """,
            environment: ModuleShell.NoSettings);
        result.Succeeded();
        using var zip = ZipFile.OpenRead(packages.First);
        Assert.Equal([$"{folder.FullName} {Nuspec(zip)["version"]}", "39"], result.Lines);
    }

    private static bool IsOfTheFormat(string name) =>
        name is "_rels/.rels" or "[Content_Types].xml" or "Backfill.PowerShell.nuspec"
        || name.StartsWith("package/services/metadata/", StringComparison.Ordinal);

    private static Dictionary<string, string> Nuspec(ZipArchive zip)
    {
        using var stream = zip.GetEntry("Backfill.PowerShell.nuspec")!.Open();
        return XDocument.Load(stream).Root!.Elements().Single().Elements().ToDictionary(e => e.Name.LocalName, e => e.Value.ReplaceLineEndings("\n"));
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return copy.ToArray();
    }

    /// <summary>Two packages: of the staged module, and of a copy of it elsewhere, in another time zone.</summary>
    public sealed class Packages : IAsyncLifetime, IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public string First { get; private set; } = "";

        public string Second { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            First = await PackAsync(Repository.ModuleFolder, "first", "UTC");
            var copy = Path.Combine(_folder.FullName, "copy");
            foreach (var file in Directory.EnumerateFiles(Repository.ModuleFolder, "*", SearchOption.AllDirectories))
            {
                var target = Path.Combine(copy, Path.GetRelativePath(Repository.ModuleFolder, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                await File.WriteAllBytesAsync(target, await File.ReadAllBytesAsync(file));
            }

            Second = await PackAsync(copy, "second", "America/New_York");
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        public void Dispose() => _folder.Dispose();

        private async Task<string> PackAsync(string module, string output, string zone)
        {
            var start = new ProcessStartInfo("dotnet", [Repository.PackagingAssembly, module, Path.Combine(_folder.FullName, output)])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["TZ"] = zone },
            };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var file = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? file.Trim() : throw new InvalidOperationException(await errors);
        }
    }
}
