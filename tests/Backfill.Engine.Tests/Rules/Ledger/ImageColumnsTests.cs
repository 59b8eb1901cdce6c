using Backfill.Engine.Ledger;

namespace Backfill.Engine.Tests.Rules.Ledger;

public class ImageColumnsTests
{
    [Theory]
    [InlineData("()", new string?[] { null })]
    [InlineData("(,)", new string?[] { null, null })]
    [InlineData("(1,\"\",)", new string?[] { "1", "", null })]
    [InlineData("(\"a \"\"b\"\"\",\"c,d\",\"e\\\\f\",\"(g)\")", new string?[] { "a \"b\"", "c,d", "e\\f", "(g)" })]
    [InlineData("(\"{\"\"k\"\": \"\"ü\"\"}\",t)", new string?[] { "{\"k\": \"ü\"}", "t" })]
    public void A_record_text_is_taken_apart_as_PostgreSQL_wrote_it(string record, string?[] expected) =>
        Assert.Equal(expected, ImageColumns.Values(record));
}
