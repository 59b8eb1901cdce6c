namespace Backfill.Engine.Tests.Sandbox;

/// <summary>The tests that share one <see cref="TrafficWorld"/>.</summary>
[CollectionDefinition(Name)]
public sealed class TrafficCollection : ICollectionFixture<TrafficWorld>
{
    public const string Name = "Sandbox traffic";
}
