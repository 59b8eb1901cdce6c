using System.Reflection;
using System.Runtime.Loader;

namespace Backfill.PowerShell.Isolation;

/// <summary>Holds what the module brings along, apart from what other modules bring.</summary>
internal sealed class DependencyContext : AssemblyLoadContext
{
    private readonly string _folder;

    public DependencyContext(string folder)
        : base("Backfill.PowerShell")
    {
        _folder = folder;
        Default.Resolving += AnswerDefault;
    }

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var file = FileOf(assemblyName);
        return AssemblyRules.LoadsPrivately(assemblyName, NameIn(file)) ? LoadFromAssemblyPath(file) : null;
    }

    private Assembly? AnswerDefault(AssemblyLoadContext context, AssemblyName requested)
    {
        // Every module's failed request comes by here: look at the disk for our own name only.
        if (!string.Equals(requested.Name, AssemblyRules.Entry, StringComparison.OrdinalIgnoreCase))
            return null;
        return AssemblyRules.AnswersDefault(requested, NameIn(FileOf(requested))) ? LoadFromAssemblyName(requested) : null;
    }

    private string FileOf(AssemblyName name) => Path.Combine(_folder, $"{name.Name}.dll");

    private static AssemblyName? NameIn(string file) => File.Exists(file) ? AssemblyName.GetAssemblyName(file) : null;
}
