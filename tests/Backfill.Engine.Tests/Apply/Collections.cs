namespace Backfill.Engine.Tests.Apply;

/// <summary>Tests of runs that share one sandbox. Each puts the rows back before it begins.</summary>
[CollectionDefinition(Name)]
public sealed class ApplyCollection : ICollectionFixture<RunWorld>
{
    public const string Name = "Apply";
}

/// <summary>Tests of runs that wait and stop; a sandbox of their own, so that they run beside the others.</summary>
[CollectionDefinition(Name)]
public sealed class HoldCollection : ICollectionFixture<RunWorld>
{
    public const string Name = "Apply, held and halted";
}
