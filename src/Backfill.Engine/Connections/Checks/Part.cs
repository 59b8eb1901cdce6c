namespace Backfill.Engine.Connections.Checks;

/// <summary>One setting that was read, or why it could not be.</summary>
internal sealed record Part<T>(T? Value, BackfillException? Error)
    where T : class
{
    public static Part<T> Of(Func<T?> read)
    {
        try
        {
            return new(read(), null);
        }
        catch (BackfillException e)
        {
            return new(null, e);
        }
    }
}
