using System.Management.Automation.Runspaces;
using System.Reflection;

namespace Backfill.Shell;

/// <summary>
/// Makes <c>exit n</c> in a script file end the run with n. By itself the engine only sets $LASTEXITCODE there, which a native
/// command may have set as well; pwsh has an internal switch for this, and there is no public one.
/// </summary>
internal static class ScriptExit
{
    private const BindingFlags Internal = BindingFlags.Instance | BindingFlags.NonPublic;

    /// <summary>Holds for the next script file that <paramref name="runspace"/> runs, not for those it calls.</summary>
    public static void EndsRun(Runspace runspace)
    {
        var context = Property(typeof(Runspace), "ExecutionContext").GetValue(runspace)!;
        Property(context.GetType(), "ScriptCommandProcessorShouldRethrowExit").SetValue(context, true);
    }

    private static PropertyInfo Property(Type type, string name) =>
        type.GetProperty(name, Internal) ?? throw new MissingMemberException(type.FullName, name);
}
