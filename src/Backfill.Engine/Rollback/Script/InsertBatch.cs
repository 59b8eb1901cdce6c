namespace Backfill.Engine.Rollback.Script;

/// <summary>Rows of one table as INSERTs of a bounded size, a row a line.</summary>
internal sealed class InsertBatch(SqlWriter sql, string insert, int mostBytes)
{
    private long _end;

    /// <summary>Ends the row before, and begins the next with its bracket.</summary>
    public void NextRow()
    {
        if (_end > 0 && sql.Written < _end)
        {
            sql.Write(",\n("u8);
            return;
        }

        End();
        sql.Write(insert).Write("("u8);
        _end = sql.Written + mostBytes;
    }

    /// <summary>Ends the last INSERT, if there was any.</summary>
    public void End()
    {
        if (_end > 0)
            sql.Write(";\n\n"u8);
        _end = 0;
    }
}
