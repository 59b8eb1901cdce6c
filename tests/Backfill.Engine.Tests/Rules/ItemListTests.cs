namespace Backfill.Engine.Tests.Rules;

public class ItemListTests
{
    [Fact]
    public void A_list_in_a_csv_cell_is_its_count() => Assert.Equal("3", ItemList.Of(1, 2, 3).ToString());
}
