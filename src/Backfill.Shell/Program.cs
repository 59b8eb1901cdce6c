using System.Reflection;
using System.Text;

namespace Backfill.Shell;

internal static class Program
{
    private const int CommandLineError = 64;

    private const string Usage = """
        Usage: backfill-shell [-File] <script.ps1> [arguments]
               backfill-shell -Command <text>
               backfill-shell -Version | -Help
        -NoLogo, -NoProfile, -NonInteractive and -ExecutionPolicy <policy> are accepted.

        Runs PowerShell scripts on the PowerShell 7.6 engine, with its core commands only, and never prompts.
        It builds and tests Backfill.PowerShell where pwsh is not installed; operators use PowerShell 7.6.
        """;

    private static int Main(string[] args)
    {
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        if (Console.OutputEncoding.CodePage != utf8.CodePage)
            Console.OutputEncoding = utf8;

        var options = ShellOptions.Parse(args);
        if (options.Problem is not null)
        {
            Console.Error.WriteLine(options.Problem);
            Console.Error.WriteLine(Usage);
            return CommandLineError;
        }

        if (options.ShowVersion)
        {
            Console.WriteLine($"backfill-shell {ShellHost.ShellVersion.ToString(3)} on PowerShell {EngineVersion}");
            return 0;
        }

        if (options.ShowHelp)
        {
            Console.WriteLine(Usage);
            return 0;
        }

        // The engine reports usage to its maker unless told not to; a build or a test has no business doing so.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        // Started by pwsh, it would find the full shell's modules, which this engine can't load.
        Environment.SetEnvironmentVariable("PSModulePath", null);
        return ScriptRun.Run(options);
    }

    private static string EngineVersion =>
        typeof(System.Management.Automation.PSObject).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split(' ', '+')[0];
}
