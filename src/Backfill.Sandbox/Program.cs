using System.Text.Json;
using Backfill.Sandbox;
using Backfill.Sandbox.Lifetime;

switch (args)
{
    case ["guard", var folder]:
        return GuardVerb.Run(folder, Console.OpenStandardInput());

    case ["run", .. var rest]:
        try
        {
            return await SandboxRun.RunAsync(SandboxOptions.Parse(rest)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The parent waits for a line, whatever went wrong. No exception here carries a secret: neither Npgsql's nor
            // ours name a password.
            var remedy = (e as SandboxException)?.Remedy ?? $"This is not foreseen ({e.GetType().Name}); please report it.";
            Console.Out.WriteLine(JsonSerializer.Serialize(new { error = e.Message, remedy }));
            return 1;
        }

    default:
        Console.Error.WriteLine(SandboxOptions.Usage);
        return 2;
}
