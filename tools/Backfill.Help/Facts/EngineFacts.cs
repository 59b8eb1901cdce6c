using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace Backfill.Help.Facts;

/// <summary>Imports a module into the real engine and asks it, so that help says what the engine does.</summary>
internal static class EngineFacts
{
    private static readonly Dictionary<Type, string> ShortNames = new()
    {
        [typeof(string)] = "string",
        [typeof(int)] = "int",
        [typeof(double)] = "double",
        [typeof(Guid)] = "guid",
        [typeof(TimeSpan)] = "timespan",
        [typeof(System.Security.SecureString)] = "securestring",
    };

    /// <summary>The cmdlets, and the page that the module is from; null where it names none.</summary>
    public static (IReadOnlyList<CmdletFacts> Cmdlets, Uri? Project) Read(string manifest)
    {
        // CreateDefault wants assemblies that only pwsh has.
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = Microsoft.PowerShell.ExecutionPolicy.RemoteSigned;
        using var runspace = RunspaceFactory.CreateRunspace(state);
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        var module = shell.AddCommand("Import-Module").AddParameter("Name", manifest).AddParameter("PassThru")
            .AddParameter("ErrorAction", ActionPreference.Stop).Invoke<PSModuleInfo>()[0];
        return ([.. module.ExportedCmdlets.Values.OrderBy(c => c.Name, StringComparer.Ordinal).Select(Of)], module.ProjectUri);
    }

    private static CmdletFacts Of(CmdletInfo cmdlet)
    {
        // Its own defaults are what its properties hold before anything is bound.
        var fresh = Activator.CreateInstance(cmdlet.ImplementingType)!;
        var sets = cmdlet.ParameterSets.OrderByDescending(s => s.IsDefault)
            .Select(s => Ordered(s.Parameters.Where(p => !Cmdlet.CommonParameters.Contains(p.Name)).Select(p => Of(p, fresh)))).ToList();
        (fresh as IDisposable)?.Dispose();
        return new(
            cmdlet.Name,
            [.. sets.SelectMany(s => s).DistinctBy(p => p.Name).OrderBy(p => p.Name is "WhatIf" or "Confirm").ThenBy(p => p.Name, StringComparer.Ordinal)],
            sets,
            [.. cmdlet.OutputType.Select(t => t.Name).Distinct()]);
    }

    /// <summary>As <c>Get-Command -Syntax</c> has them: by position, then what is needed, then the rest.</summary>
    private static List<ParameterFacts> Ordered(IEnumerable<ParameterFacts> parameters) =>
    [
        .. parameters.OrderBy(p => p.Position ?? int.MaxValue).ThenBy(p => !p.IsMandatory)
            .ThenBy(p => p.Name == "Confirm").ThenBy(p => p.Name == "WhatIf"),
    ];

    private static ParameterFacts Of(CommandParameterInfo parameter, object fresh)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        var one = type.IsArray ? type.GetElementType()! : type;
        return new()
        {
            Name = parameter.Name,
            TypeName = (ShortNames.GetValueOrDefault(one) ?? one.Name) + (type.IsArray ? "[]" : ""),
            TypeFullName = type.FullName!,
            IsSwitch = type == typeof(SwitchParameter),
            IsArray = type.IsArray,
            IsMandatory = parameter.IsMandatory,
            Position = parameter.Position < 0 ? null : parameter.Position,
            ByValue = parameter.ValueFromPipeline,
            ByPropertyName = parameter.ValueFromPipelineByPropertyName,
            TakesWildcards = parameter.Attributes.OfType<SupportsWildcardsAttribute>().Any(),
            Aliases = [.. parameter.Aliases],
            Values = one.IsEnum ? Enum.GetNames(one) : [],
            Default = parameter.IsMandatory ? null : Default(fresh.GetType().GetProperty(parameter.Name)?.GetValue(fresh)),
        };
    }

    private static string? Default(object? value) => value switch
    {
        null or "" or SwitchParameter => null,
        Array { Length: 0 } => null,
        Guid id when id == Guid.Empty => null,
        DateTimeOffset time => time == default ? null : time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
        IEnumerable many and not string => string.Join(", ", many.Cast<object>().Select(Default)),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString(),
    };
}
