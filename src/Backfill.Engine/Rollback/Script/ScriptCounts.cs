namespace Backfill.Engine.Rollback.Script;

/// <summary>What the images of one table ask for.</summary>
internal sealed class TableCounts
{
    public long Images { get; set; }

    public long ToDelete { get; set; }

    public long ToRestore { get; set; }

    public long ToReinsert { get; set; }
}

/// <summary>The same for every table of a run, by place; the first has place 1.</summary>
internal sealed class ScriptCounts(int tables)
{
    private readonly TableCounts[] _tables = [.. Enumerable.Range(0, tables).Select(_ => new TableCounts())];

    public int Tables => _tables.Length;

    public TableCounts this[int place] => _tables[place - 1];
}
