using System.Text;

namespace Backfill.Engine.Ledger;

/// <summary>Takes rows apart into their columns. Pure.</summary>
internal static class ImageColumns
{
    /// <summary>Each row of a session, column by column, in the tables' order.</summary>
    public static IEnumerable<BackfillImage> Of(RunTicket ticket, Guid sessionId, IEnumerable<RowImage> rows)
    {
        foreach (var table in ticket.Shape.Tables)
        {
            foreach (var row in rows.Where(r => r.Table == table.Name))
            {
                var (before, now) = (Values(row.Before), Values(row.Now));
                for (var i = 0; i < table.Columns.Count; i++)
                {
                    yield return new()
                    {
                        RunId = ticket.RunId,
                        SessionId = sessionId,
                        Table = row.Table,
                        Key = row.Key,
                        Column = table.Columns[i].Name,
                        Before = before?[i],
                        After = row.IsAsLeft ? now?[i] : null,
                        Now = now?[i],
                        IsChangedSince = !row.IsAsLeft,
                    };
                }
            }
        }
    }

    /// <summary>The fields of a record's text: quoted ones double their quotes and backslashes, and an empty one is null.</summary>
    /// <param name="record">As PostgreSQL writes it, for example <c>(1,"a ""b""",)</c>; null for no row.</param>
    /// <exception cref="FormatException">It is no record.</exception>
    public static IReadOnlyList<string?>? Values(string? record)
    {
        if (record is null)
            return null;
        if (record is not ['(', .., ')'])
            throw new FormatException("A record's text stands in parentheses.");
        var values = new List<string?>();
        var field = new StringBuilder();
        var (isQuoted, wasQuoted) = (false, false);
        for (var i = 1; i < record.Length; i++)
        {
            var c = record[i];
            if (isQuoted && c == '\\')
                field.Append(record[++i]);
            else if (c == '"' && isQuoted && record[i + 1] == '"')
                field.Append(record[++i]);
            else if (c == '"')
                (isQuoted, wasQuoted) = (!isQuoted, true);
            else if (!isQuoted && (c == ',' || i == record.Length - 1))
            {
                values.Add(field.Length == 0 && !wasQuoted ? null : field.ToString());
                field.Clear();
                wasQuoted = false;
            }
            else
                field.Append(c);
        }

        return values;
    }
}
