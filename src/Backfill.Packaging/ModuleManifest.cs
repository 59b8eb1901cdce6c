using System.Collections;
using System.Management.Automation.Language;

namespace Backfill.Packaging;

/// <summary>What a package needs to know of its module. A value that is missing is an error: nothing is made up.</summary>
internal sealed class ModuleManifest
{
    private readonly string _file;
    private readonly Hashtable _all;
    private readonly Hashtable _gallery;

    private ModuleManifest(string file, Hashtable all)
    {
        _file = file;
        _all = all;
        _gallery = (all["PrivateData"] as Hashtable)?["PSData"] as Hashtable ?? throw Wrong("PrivateData.PSData");
    }

    public string Name => Path.GetFileNameWithoutExtension(_file);

    /// <summary>With its pre-release label, if it has one.</summary>
    public string Version =>
        _gallery["Prerelease"] is string { Length: > 0 } label ? $"{Text(_all, "ModuleVersion")}-{label}" : Text(_all, "ModuleVersion");

    public string Author => Text(_all, "Author");

    public string Company => Text(_all, "CompanyName");

    public string Copyright => Text(_all, "Copyright");

    public string Description => Text(_all, "Description");

    public string ReleaseNotes => Text(_gallery, "ReleaseNotes");

    public Uri License => Address("LicenseUri");

    public Uri Project => Address("ProjectUri");

    public IEnumerable<string> Editions => List(_all, "CompatiblePSEditions");

    public IEnumerable<string> Cmdlets => List(_all, "CmdletsToExport");

    public IEnumerable<string> Tags => List(_gallery, "Tags");

    /// <summary>Reads the one manifest in a module's folder.</summary>
    /// <exception cref="InvalidDataException">It is no manifest, or there is none, or several.</exception>
    public static ModuleManifest Read(string folder)
    {
        if (Directory.GetFiles(folder, "*.psd1") is not [var file])
            throw new InvalidDataException($"{folder} must hold one manifest (*.psd1).");
        var script = Parser.ParseFile(file, out _, out var errors);
        if (errors.Length > 0 || script.Find(node => node is HashtableAst, searchNestedScriptBlocks: false) is not HashtableAst table)
            throw new InvalidDataException($"{file} is no manifest.");
        return new(file, (Hashtable)table.SafeGetValue());
    }

    private string Text(Hashtable from, string name) => from[name] is string { Length: > 0 } text ? text : throw Wrong(name);

    private IEnumerable<string> List(Hashtable from, string name) =>
        from[name] is object[] { Length: > 0 } list ? list.Select(item => (string)item) : throw Wrong(name);

    private Uri Address(string name) =>
        Uri.TryCreate(Text(_gallery, name), UriKind.Absolute, out var uri) ? uri : throw Wrong(name);

    private InvalidDataException Wrong(string name) => new($"{_file} has no usable {name}.");
}
