using Backfill.PowerShell.Tests.Module;
using k8s;
using k8s.Models;
using YamlDotNet.Core;

namespace Backfill.PowerShell.Tests.Scale;

/// <summary>
/// The files of <c>docs/scale</c>. The manifest is read by Kubernetes' own typed client, which refuses names that the API doesn't
/// have; what a value may be is looked at here. Its command, and the unit's, are run.
/// </summary>
[Collection(SandboxTests.Name)]
public sealed class WorkerFilesTests(SandboxFixture sandbox)
{
    private static readonly string[] Secrets = ["SUPABASE_URL", "SUPABASE_SERVICE_ROLE_KEY", "SUPABASE_DB_URL"];

    [Fact]
    public void The_manifest_is_an_indexed_job_whose_workers_come_back()
    {
        var job = Job(Read("indexed-job.yaml"));
        Assert.Equal(("batch/v1", "Job", "Indexed"), (job.ApiVersion, job.Kind, job.Spec.CompletionMode));
        Assert.Equal(job.Spec.Completions, job.Spec.Parallelism);
        Assert.InRange(job.Spec.BackoffLimitPerIndex!.Value, 1, 5);
        // The API refuses both backoffLimitPerIndex and podFailurePolicy with any other one.
        Assert.Equal("Never", job.Spec.Template.Spec.RestartPolicy);

        var container = Assert.Single(job.Spec.Template.Spec.Containers);
        var halted = Assert.Single(job.Spec.PodFailurePolicy.Rules, rule => rule.Action == "FailJob").OnExitCodes;
        Assert.Equal((container.Name, "In", 3), (halted.ContainerName, halted.OperatorProperty, Assert.Single(halted.Values)));
        Assert.All(container.VolumeMounts, mount => Assert.Contains(mount.Name, job.Spec.Template.Spec.Volumes.Select(volume => volume.Name)));
        Assert.Contains("BACKFILL_RUN", container.Env.Select(variable => variable.Name));
    }

    [Fact]
    public void The_manifest_takes_every_secret_from_a_secret()
    {
        var env = Job(Read("indexed-job.yaml")).Spec.Template.Spec.Containers[0].Env;
        Assert.Equal(Secrets, env.Where(variable => variable.ValueFrom?.SecretKeyRef is { Key.Length: > 0, Name.Length: > 0 }).Select(variable => variable.Name));
        Assert.DoesNotContain(env, variable => variable.Value is not null && Secrets.Contains(variable.Name));
    }

    [Theory]
    [InlineData("backoffLimitPerIndex:", "backOffLimitPerIndex:")]
    [InlineData("secretKeyRef:", "secretRef:")]
    [InlineData("completions: 4", "completions: four")]
    public void A_name_or_a_type_that_the_api_does_not_have_is_refused(string right, string wrong)
    {
        var manifest = Read("indexed-job.yaml");
        Assert.Contains(right, manifest, StringComparison.Ordinal);
        Assert.Throws<YamlException>(() => Job(manifest.Replace(right, wrong, StringComparison.Ordinal)));
    }

    [Fact]
    public void The_unit_says_what_the_manifest_says_and_interrupts_a_worker()
    {
        Assert.Equal(Statements(ManifestCommand()[^1]), Statements(UnitCommand()[^1]));
        Assert.Contains("KillSignal=SIGINT", Read("backfill@.service"), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Lane", "full")]
    public async Task Both_commands_work_on_one_run_that_was_interrupted_and_end_well()
    {
        using var folder = new TemporaryFolder();
        string runId;
        await using (var first = ShellProcess.Start(SandboxFixture.Script(folder, """
            Get-BackfillCandidate | Where-Object { $_.Backfillable -and $_.FcResponses } | Select-Object -First 8 |
                New-BackfillPlan ./scale.json -ThrottlePerMinute 60 | Out-Null
            Invoke-BackfillApply ./scale.json -OutputPath ./first | ForEach-Object { "settled in $($_.RunId)" }
            """), environment: sandbox.Settings))
        {
            runId = (await first.WaitForLineAsync("settled in")).Split(' ')[^1];
            await first.SignalAsync("INT");
            await first.EndAsync();
        }

        await using var one = Worker(ManifestCommand(), runId, folder, "one");
        await using var two = Worker(UnitCommand(), runId, folder, "two");
        (await one.EndAsync()).Succeeded();
        (await two.EndAsync()).Succeeded();

        var end = await sandbox.RunAsync(folder, $$"""
            $run = Get-BackfillRun {{runId}}
            "$($run.State) $($run.Succeeded) of $($run.Total)"
            (Get-BackfillEvent $run.RunId | Where-Object State -eq Paused).Cause
            (Get-BackfillSessionResult $run.RunId).Operations.Attempts | Measure-Object -Maximum | ForEach-Object { "$($_.Count) $($_.Maximum)" }
            """);
        // 16 operations, none of them called twice.
        Assert.Equal(["Completed 8 of 8", "WorkerStopped", "16 1"], end);
    }

    private ShellProcess Worker(string[] command, string runId, TemporaryFolder folder, string name)
    {
        Assert.Equal("pwsh", Path.GetFileName(command[0]));
        return ShellProcess.StartCommand(command[1..], new Dictionary<string, string?>(sandbox.Settings)
        {
            ["BACKFILL_RUN"] = runId,
            ["BACKFILL_OUTPUT"] = Path.Combine(folder.FullName, name),
            ["PSModulePath"] = Path.GetDirectoryName(Repository.ModuleFolder),
        });
    }

    private static V1Job Job(string manifest) => KubernetesYaml.Deserialize<V1Job>(manifest, strict: true);

    private static string[] ManifestCommand() => [.. Job(Read("indexed-job.yaml")).Spec.Template.Spec.Containers[0].Command];

    /// <summary>As systemd takes it apart: words, the last one in quotes, and a dollar sign written twice.</summary>
    private static string[] UnitCommand()
    {
        const string Key = "ExecStart=";
        var line = Read("backfill@.service").Split('\n').Single(text => text.StartsWith(Key, StringComparison.Ordinal))[Key.Length..];
        var quote = line.IndexOf('"', StringComparison.Ordinal);
        Assert.EndsWith("\"", line, StringComparison.Ordinal);
        return [.. line[..quote].Split(' ', StringSplitOptions.RemoveEmptyEntries), line[(quote + 1)..^1].Replace("$$", "$", StringComparison.Ordinal)];
    }

    private static string[] Statements(string script) => script.Split(['\n', ';'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static string Read(string name) => File.ReadAllText(Path.Combine(Repository.Root, "docs", "scale", name));
}
