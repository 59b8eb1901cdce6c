using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>The tests that share one default sandbox.</summary>
[CollectionDefinition(Name)]
public sealed class RollbackCollection : ICollectionFixture<RollbackWorld>
{
    public const string Name = "Rollback";
}

/// <summary>The tests that share one <see cref="RandomWorld"/>.</summary>
[CollectionDefinition(Name)]
public sealed class HangingCollection : ICollectionFixture<RandomWorld>
{
    public const string Name = "Rollback of rows that hang on each other";
}

/// <summary>The tests that share one <see cref="ExactWorld"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ExactCollection : ICollectionFixture<ExactWorld>
{
    public const string Name = "Exact rollback";
}

/// <summary>The tests of rollback scripts, which share one sandbox.</summary>
[CollectionDefinition(Name)]
public sealed class ScriptCollection : ICollectionFixture<RunWorld>
{
    public const string Name = "Rollback scripts";
}
