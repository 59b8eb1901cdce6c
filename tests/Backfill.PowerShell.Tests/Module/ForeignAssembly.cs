using System.Reflection;
using System.Reflection.Emit;

namespace Backfill.PowerShell.Tests.Module;

/// <summary>An assembly of a given name and version, as another module might bring it: one public type, Foreign.</summary>
internal static class ForeignAssembly
{
    public static void Write(string path, string name, Version version)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name) { Version = version }, typeof(object).Assembly);
        assembly.DefineDynamicModule(name).DefineType($"{name}.Foreign", TypeAttributes.Public | TypeAttributes.Class).CreateType();
        assembly.Save(path);
    }
}
