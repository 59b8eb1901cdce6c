namespace Backfill.PowerShell.Tests.Module;

/// <summary>
/// The acceptance scenarios every day, in one sandbox and without the full shell; <c>tests/Acceptance</c> has the Pester file
/// that wraps them and adds what needs it.
/// </summary>
public sealed class AcceptanceTests(AcceptanceTests.Rehearsal rehearsal) : IClassFixture<AcceptanceTests.Rehearsal>
{
    private static string Folder { get; } = Path.Combine(Repository.Root, "tests", "Acceptance");

    public static TheoryData<string> Names =>
        [.. Directory.GetFiles(Path.Combine(Folder, "scenarios"), "*.ps1").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_scenario_holds(string name) =>
        Assert.True(rehearsal.Lines.Any(l => l.StartsWith($"holds: {name} (", StringComparison.Ordinal)), rehearsal.Account);

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_is_wrapped_by_a_Pester_test(string name) =>
        Assert.Contains(Directory.GetFiles(Folder, "*.Tests.ps1"), f => File.ReadAllText(f).Contains($"Get-Scenario {name})", StringComparison.Ordinal));

    /// <summary>One run of them all.</summary>
    public sealed class Rehearsal : IAsyncLifetime
    {
        private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

        public IReadOnlyList<string> Lines { get; private set; } = [];

        /// <summary>What was printed, for a failure's message.</summary>
        public string Account { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            var script = Path.Combine(Folder, "Invoke-Scenarios.ps1");
            var result = await ShellProcess.RunAsync($"& '{script}'; exit $LASTEXITCODE", environment: ModuleShell.NoSettings, timeout: Patience);
            Lines = result.Lines;
            Account = $"{result.Output}\n{result.Errors}";
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
