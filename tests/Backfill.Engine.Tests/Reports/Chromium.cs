using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Backfill.Engine.Tests.Reports;

/// <summary>A real browser, driven by Playwright: the machine's own Chromium, and playwright-core from npm, kept for the next time.</summary>
internal static class Chromium
{
    private const string Driver = "playwright-core@1.65.1";

    private static readonly string? Browser = OnPath("chromium") ?? OnPath("chromium-browser") ?? OnPath("google-chrome");

    private static readonly string Modules = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "backfill-tests", Driver);

    private static readonly Lazy<string?> NotInstalled = new(Install);

    /// <summary>Why tests that need it can't run here; null where they can.</summary>
    public static string? Missing =>
        Browser is null ? "there is no Chromium on the PATH"
        : OnPath("node") is null ? "there is no node on the PATH"
        : NotInstalled.Value;

    /// <summary>Opens a file in light, dark, narrow, printed and without its script, and says what was found.</summary>
    /// <param name="file">The page.</param>
    /// <param name="find">What is filtered by.</param>
    /// <param name="name">Of its pictures, for whoever wants to look at them: BACKFILL_TEST_CHARTS names a folder.</param>
    public static async Task<JsonNode> LookAtAsync(string file, string find, string name)
    {
        var pictures = Environment.GetEnvironmentVariable("BACKFILL_TEST_CHARTS") is { Length: > 0 } folder
            ? Directory.CreateDirectory(Path.Combine(folder, name)).FullName
            : null;
        var script = Path.Combine(TestRepository.Root, "tests", "Backfill.Engine.Tests", "Reports", "look.mjs");
        var order = JsonSerializer.Serialize(new { file, find, pictures, chromium = Browser, modules = Modules + Path.DirectorySeparatorChar });
        var (exit, output, errors) = await RunAsync("node", [script], order);
        Assert.True(exit == 0, errors);
        return JsonNode.Parse(output)!;
    }

    private static string? Install()
    {
        if (Directory.Exists(Path.Combine(Modules, "node_modules", "playwright-core")))
            return null;
        if (OnPath("npm") is not { } npm)
            return "there is no npm on the PATH";
        var (exit, _, errors) = RunAsync(npm, ["install", "--prefix", Modules, "--no-audit", "--no-fund", "--ignore-scripts", Driver], "").GetAwaiter().GetResult();
        return exit == 0 ? null : $"npm can't install {Driver}: {errors}";
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string program, string[] arguments, string input)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => OperatingSystem.IsWindows() ? [$"{name}.exe", $"{name}.cmd"] : new[] { name }, Path.Combine)
        .FirstOrDefault(File.Exists);
}
