using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;

namespace Backfill.Shell;

/// <summary>Runs one script or command in a fresh runspace, and gives the exit code that pwsh would give.</summary>
internal static class ScriptRun
{
    public static int Run(ShellOptions options)
    {
        var host = new ShellHost();
        using var runspace = RunspaceFactory.CreateRunspace(host, EngineState(options));
        runspace.Open();
        Runspace.DefaultRunspace = runspace;
        runspace.SessionStateProxy.InvokeCommand.CommandNotFoundAction = FullShellCommand.OnCommandNotFound;

        using var pipeline = options.File is not null ? ForFile(runspace, options) : ForCommand(runspace, options);
        using var interruption = new Interruption(pipeline);
        Exception? failure = null;
        try
        {
            if (ReadsInput(options) && Console.IsInputRedirected)
                WriteLines(pipeline.Input, Console.In);
            pipeline.Invoke();
        }
        catch (Exception e) when (e is RuntimeException or InvalidOperationException)
        {
            failure = e;
        }
        finally
        {
            host.Progress.Clear();
        }

        if (interruption.ExitCode is { } interrupted)
            return interrupted;
        if (failure is not null)
        {
            Report(runspace, host, failure);
            return 1;
        }

        return host.ExitCode ?? (options.File is not null || LastStatementSucceeded(runspace) ? 0 : 1);
    }

    private static InitialSessionState EngineState(ShellOptions options)
    {
        // CreateDefault wants the assemblies of the full shell.
        var state = InitialSessionState.CreateDefault2();
        if (OperatingSystem.IsWindows())
            state.ExecutionPolicy = options.Policy ?? Microsoft.PowerShell.ExecutionPolicy.RemoteSigned;
        return state;
    }

    private static Pipeline ForFile(Runspace runspace, ShellOptions options)
    {
        var pipeline = runspace.CreatePipeline();
        var command = new Command(options.File!, isScript: false, useLocalScope: false);
        foreach (var argument in options.Arguments)
            command.Parameters.Add(argument);
        pipeline.Commands.Add(command);
        ToConsole(pipeline);
        ScriptExit.EndsRun(runspace);
        return pipeline;
    }

    private static Pipeline ForCommand(Runspace runspace, ShellOptions options)
    {
        // Only what goes to the history leaves its $? behind.
        var pipeline = runspace.CreatePipeline(options.Command, addToHistory: true);
        ToConsole(pipeline);
        return pipeline;
    }

    // Errors travel with the output, so that both appear in the order they were written.
    private static void ToConsole(Pipeline pipeline)
    {
        pipeline.Commands[0].MergeMyResults(PipelineResultTypes.Error, PipelineResultTypes.Output);
        pipeline.Commands.Add(new Command("Out-Default", isScript: false, useLocalScope: true)
        {
            MergeUnclaimedPreviousCommandResults = PipelineResultTypes.Output | PipelineResultTypes.Error,
        });
    }

    private static bool LastStatementSucceeded(Runspace runspace)
    {
        using var pipeline = runspace.CreatePipeline("$global:?");
        return pipeline.Invoke() is [{ BaseObject: true }];
    }

    private static bool ReadsInput(ShellOptions options)
    {
        ParseError[] errors = [];
        var script = options.File is { } file
            ? Parser.ParseFile(file, out _, out _)
            : Parser.ParseInput(options.Command!, out _, out errors);
        // The engine takes an unfinished command for one that goes on, and reports it without its place.
        if (errors.Length > 0)
            throw new ParseException(errors);
        return script.Find(
            node => node is VariableExpressionAst variable
                && variable.VariablePath.UserPath.Equals("input", StringComparison.OrdinalIgnoreCase),
            searchNestedScriptBlocks: false) is not null;
    }

    private static void WriteLines(PipelineWriter input, TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            input.Write(line);
        input.Close();
    }

    // Formatted as an object: written to the error stream again, it would lose the line it came from.
    private static void Report(Runspace runspace, ShellHost host, Exception failure)
    {
        var record = (failure as IContainsErrorRecord)?.ErrorRecord
            ?? new ErrorRecord(failure, "ShellReport", ErrorCategory.NotSpecified, null);
        using var pipeline = runspace.CreatePipeline("$input | Out-Default");
        host.WritesToErrors = true;
        pipeline.Invoke(new[] { record });
    }
}
