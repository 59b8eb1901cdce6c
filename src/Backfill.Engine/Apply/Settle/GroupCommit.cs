namespace Backfill.Engine.Apply.Settle;

/// <summary>
/// Orders that come while others are on their way wait for those and then go together, as one. An order that finds nothing on
/// its way goes at once, so at a slow pace each goes by itself; at a fast one planning, way and commit are shared.
/// </summary>
/// <param name="together">
/// Carries orders out as one, and gives a reply to each, in their order; null to one that has to be carried out by itself.
/// It waits for nothing that only one of them is kept from.
/// </param>
/// <param name="alone">Carries one order out by itself.</param>
/// <param name="concernsAll">
/// Whether what <paramref name="together"/> threw is no single order's doing. Each asker is then told, as if it had been
/// alone; otherwise each order is carried out by itself, so that only the one that is to blame fails.
/// </param>
internal sealed class GroupCommit<TOrder, TReply>(
    Func<IReadOnlyList<TOrder>, Task<IReadOnlyList<TReply?>>> together,
    Func<TOrder, CancellationToken, Task<TReply>> alone,
    Func<Exception, bool> concernsAll)
    where TReply : class
{
    /// <summary>The most that go together: one transaction stays short, and so do its locks.</summary>
    public const int Most = 32;

    private readonly Lock _lock = new();
    private readonly Queue<Place> _waiting = [];
    private bool _isUnderWay;

    /// <summary>Has an order carried out.</summary>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Ends this asker's waiting only; what is on its way already is carried out.</param>
    public async Task<TReply> AskAsync(TOrder order, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var place = new Place(order, cancellationToken);
        if (Queue(place))
            _ = SendAllAsync();
        return await place.Reply.Task.WaitAsync(cancellationToken).ConfigureAwait(false)
            ?? await alone(order, cancellationToken).ConfigureAwait(false);
    }

    /// <returns>Whether nothing is under way, and the caller has to see to it.</returns>
    private bool Queue(Place place)
    {
        lock (_lock)
        {
            _waiting.Enqueue(place);
            var isFirst = !_isUnderWay;
            _isUnderWay = true;
            return isFirst;
        }
    }

    private async Task SendAllAsync()
    {
        while (Next() is { Count: > 0 } places)
            await SendAsync(places).ConfigureAwait(false);
    }

    private async Task SendAsync(IReadOnlyList<Place> places)
    {
        try
        {
            var replies = await together([.. places.Select(p => p.Order)]).ConfigureAwait(false);
            for (var i = 0; i < places.Count; i++)
                places[i].Reply.TrySetResult(replies[i]);
        }
#pragma warning disable CA1031 // Whatever it is, it is the askers' to judge.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var isTold = places.Count == 1 || concernsAll(e);
            foreach (var place in places)
                _ = isTold ? place.Reply.TrySetException(e) : place.Reply.TrySetResult(null);
        }
    }

    /// <summary>The next to go together; none, and nothing is under way any more.</summary>
    private List<Place> Next()
    {
        lock (_lock)
        {
            var places = new List<Place>(Math.Min(_waiting.Count, Most));
            while (places.Count < Most && _waiting.TryDequeue(out var place))
            {
                if (!place.GivenUp.IsCancellationRequested)
                    places.Add(place);
            }

            _isUnderWay = places.Count > 0;
            return places;
        }
    }

    private sealed record Place(TOrder Order, CancellationToken GivenUp)
    {
        /// <summary>The reply, or null: the asker has to do it alone.</summary>
        public TaskCompletionSource<TReply?> Reply { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
