using System.Reflection;
using System.Runtime.Loader;

namespace Backfill.PowerShell.Tests.Module;

/// <summary>The staged cmdlets' assembly, for its pure functions. The engine is not there, so cmdlets can't be touched.</summary>
internal static class StagedAssembly
{
    private const BindingFlags Any = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance;

    private static readonly Assembly Cmdlets = new Context().LoadFromAssemblyName(new("Backfill.PowerShell"));

    public static T Function<T>(string type, string method)
        where T : Delegate =>
        Type(type).GetMethod(method, Any)!.CreateDelegate<T>();

    public static object Make(string type, params object?[] arguments) =>
        Type(type).GetConstructors(Any).Single(c => c.GetParameters().Length == arguments.Length).Invoke(arguments);

    public static T Call<T>(object target, string method)
    {
        try
        {
            return (T)target.GetType().GetMethod(method, Any, [])!.Invoke(target, null)!;
        }
        catch (TargetInvocationException e)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(e.InnerException!);
            throw;
        }
    }

    /// <summary>Apart from the tests' own assemblies, and from bytes, so that no file stays locked against the next build.</summary>
    private sealed class Context() : AssemblyLoadContext("staged")
    {
        protected override Assembly? Load(AssemblyName assemblyName)
        {
            var file = Path.Combine(Repository.ModuleFolder, $"{assemblyName.Name}.dll");
            return File.Exists(file) ? LoadFromStream(new MemoryStream(File.ReadAllBytes(file))) : null;
        }
    }

    private static Type Type(string name) => Cmdlets.GetType($"Backfill.PowerShell.{name}", throwOnError: true)!;
}
