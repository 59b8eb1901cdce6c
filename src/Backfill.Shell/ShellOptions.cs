using System.Management.Automation.Runspaces;
using Microsoft.PowerShell;

namespace Backfill.Shell;

/// <summary>What the command line asks for, read as pwsh reads it.</summary>
internal sealed record ShellOptions
{
    public string? File { get; private init; }
    public string? Command { get; private init; }
    public IReadOnlyList<CommandParameter> Arguments { get; private init; } = [];
    public ExecutionPolicy? Policy { get; private init; }
    public bool ShowVersion { get; private init; }
    public bool ShowHelp { get; private init; }
    public string? Problem { get; private init; }

    public static ShellOptions Parse(ReadOnlySpan<string> args)
    {
        var options = new ShellOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var rest = args[(i + 1)..];
            switch (Name(args[i]))
            {
                case null:
                    return options.WithFile(args[i], rest);
                case "file" or "f":
                    return rest.IsEmpty ? Refused("-File needs a path.") : options.WithFile(rest[0], rest[1..]);
                case "command" or "c":
                    return options.WithCommand(rest);
                case "executionpolicy" or "ex" or "ep":
                    if (rest.IsEmpty || !Enum.TryParse<ExecutionPolicy>(rest[0], ignoreCase: true, out var policy))
                        return Refused("-ExecutionPolicy needs the name of a policy.");
                    options = options with { Policy = policy };
                    i++;
                    break;
                case "noprofile" or "nop" or "noninteractive" or "noni" or "nologo" or "nol":
                    break;
                case "version" or "v":
                    return options with { ShowVersion = true };
                case "help" or "h" or "?":
                    return options with { ShowHelp = true };
                default:
                    return Refused($"The argument '{args[i]}' is not known to this shell.");
            }
        }

        return Refused("There is nothing to run, and this shell has no prompt.");
    }

    private static string? Name(string argument) =>
        argument.Length > 1 && argument[0] == '-' ? argument.TrimStart('-').ToLowerInvariant() : null;

    private static ShellOptions Refused(string problem) => new() { Problem = problem };

    private ShellOptions WithFile(string path, ReadOnlySpan<string> arguments) =>
        System.IO.File.Exists(path)
            ? this with { File = Path.GetFullPath(path), Arguments = ScriptArguments.Parse(arguments) }
            : Refused(
                $"The argument '{path}' is not recognized as the name of a script file. " +
                "Check the spelling of the name, or if a path was included, verify that the path is correct and try again.");

    private ShellOptions WithCommand(ReadOnlySpan<string> words) => words switch
    {
        [] => Refused("-Command needs a text."),
        ["-"] => Refused("This shell does not read commands from standard input; use -File."),
        _ => this with { Command = string.Join(' ', words) },
    };
}
