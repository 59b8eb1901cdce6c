namespace Backfill.Engine.Tests.Reports;

/// <summary>The tests that share one <see cref="ReportWorld"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ReportCollection : ICollectionFixture<ReportWorld>
{
    public const string Name = "Reports";
}
