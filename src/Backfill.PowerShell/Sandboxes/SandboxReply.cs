using System.Text.Json;

namespace Backfill.PowerShell.Sandboxes;

/// <summary>The one line that the sandbox program writes: where it is, or why it is not.</summary>
internal static class SandboxReply
{
    /// <summary>Reads the line.</summary>
    /// <exception cref="BackfillException"><c>SandboxNotStarted</c>: the program's own words and remedy.</exception>
    public static BackfillSandbox Read(string line)
    {
        using var reply = Parse(line);
        var root = reply.RootElement;
        if (root.TryGetProperty("error", out var error))
            throw NotStarted($"{error.GetString()} {(root.TryGetProperty("remedy", out var remedy) ? remedy.GetString() : "")}".TrimEnd());
        return new(new(Text(root, "control_url"), Text(root, "control_key")))
        {
            DatabaseUrl = Text(root, "database_url"),
            ApiUrl = Text(root, "api_url"),
            ServiceRoleKey = Text(root, "service_role_key"),
            AnonKey = Text(root, "anon_key"),
            Environment = Text(root, "environment") == "production" ? BackfillEnvironment.Production : BackfillEnvironment.Staging,
            ProjectRef = Text(root, "project_ref"),
            ProcessId = root.GetProperty("process_id").GetInt32(),
            DataPath = Text(root, "data_path"),
            ServerVersion = Text(root, "server_version"),
            Era = Text(root, "era"),
            ClockFactor = root.GetProperty("clock_factor").GetDouble(),
        };
    }

    public static BackfillException NotStarted(string why) => new(
        "SandboxNotStarted", BackfillErrorKind.NotInstalled, $"The sandbox did not start: {why}");

    private static JsonDocument Parse(string line)
    {
        try
        {
            return JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            // Not repeated: a line of a healthy sandbox holds its keys.
            throw NotStarted("its first line is no JSON. Module and sandbox are of different builds; install the module again.");
        }
    }

    private static string Text(JsonElement root, string name) => root.GetProperty(name).GetString()!;
}
