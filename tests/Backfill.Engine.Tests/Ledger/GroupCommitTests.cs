using Backfill.Engine.Apply.Settle;

namespace Backfill.Engine.Tests.Ledger;

/// <summary>Orders that come while others are on their way go together, and each gets what it would have got alone.</summary>
public sealed class GroupCommitTests
{
    [Fact]
    public async Task An_order_that_finds_nothing_on_its_way_goes_at_once_by_itself()
    {
        var way = new Way();
        Assert.Equal("1 together", await way.AskAsync(1));
        Assert.Equal("2 together", await way.AskAsync(2));
        Assert.Equal(["1", "2"], way.Sent);
    }

    [Fact]
    public async Task Orders_that_come_meanwhile_wait_for_it_and_go_together_as_they_came()
    {
        var way = new Way { IsHeldUp = true };
        var asked = Enumerable.Range(1, 5).Select(i => way.AskAsync(i)).ToList();
        Assert.Equal(["1"], way.Sent);
        way.LetGo();
        Assert.Equal(["1 together", "2 together", "3 together", "4 together", "5 together"], await Task.WhenAll(asked));
        Assert.Equal(["1", "2 3 4 5"], way.Sent);
    }

    [Fact]
    public async Task No_more_go_together_than_a_transaction_should_hold()
    {
        var way = new Way { IsHeldUp = true };
        var asked = Enumerable.Range(0, 2 * Way.Most + 2).Select(i => way.AskAsync(i)).ToList();
        way.LetGo();
        await Task.WhenAll(asked);
        Assert.Equal([1, Way.Most, Way.Most, 1], way.Sent.Select(s => s.Split(' ').Length));
    }

    [Fact]
    public async Task One_that_gets_no_reply_with_the_others_is_carried_out_alone_and_holds_nobody_up()
    {
        var way = new Way { IsHeldUp = true, NotTogether = [3], AloneIsHeldUp = true };
        var asked = Enumerable.Range(1, 4).Select(i => way.AskAsync(i)).ToList();
        way.LetGo();
        Assert.Equal(["1 together", "2 together", "4 together"], await Task.WhenAll(asked[0], asked[1], asked[3]));
        Assert.Equal("5 together", await way.AskAsync(5));
        Assert.False(asked[2].IsCompleted);
        way.LetAloneGo();
        Assert.Equal("3 alone", await asked[2]);
    }

    [Fact]
    public async Task A_failure_that_is_one_orders_doing_fails_that_one_alone()
    {
        var way = new Way { IsHeldUp = true, Poisoned = [3] };
        var asked = Enumerable.Range(1, 4).Select(i => way.AskAsync(i)).ToList();
        way.LetGo();
        Assert.Equal(["1 together", "2 alone", "4 alone"], await Task.WhenAll(asked[0], asked[1], asked[3]));
        Assert.Equal("order 3", (await Assert.ThrowsAsync<FormatException>(() => asked[2])).Message);
        Assert.Equal("5 together", await way.AskAsync(5));
    }

    [Fact]
    public async Task A_failure_that_concerns_all_is_told_to_each_and_nothing_is_repeated_here()
    {
        var way = new Way { IsHeldUp = true };
        var asked = Enumerable.Range(1, 4).Select(i => way.AskAsync(i)).ToList();
        way.Break();
        way.LetGo();
        foreach (var one in asked)
            await Assert.ThrowsAsync<IOException>(() => one);
        Assert.Equal(["1", "2 3 4"], way.Sent);
        way.Mend();
        Assert.Equal("5 together", await way.AskAsync(5));
    }

    [Fact]
    public async Task The_failure_of_one_that_went_by_itself_is_not_tried_twice()
    {
        var way = new Way { Poisoned = [1] };
        await Assert.ThrowsAsync<FormatException>(() => way.AskAsync(1));
        Assert.Equal(["1"], way.Sent);
        Assert.Empty(way.SentAlone);
    }

    [Fact]
    public async Task Who_gives_up_ends_nothing_but_his_own_waiting()
    {
        var way = new Way { IsHeldUp = true };
        using var first = new CancellationTokenSource();
        using var third = new CancellationTokenSource();
        var asked = new[] { way.AskAsync(1, first.Token), way.AskAsync(2), way.AskAsync(3, third.Token), way.AskAsync(4) };
        await first.CancelAsync();
        await third.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked[0]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked[2]);
        way.LetGo();
        Assert.Equal(["2 together", "4 together"], await Task.WhenAll(asked[1], asked[3]));
        // What was on its way was carried out; what had not left was not sent.
        Assert.Equal(["1", "2 4"], way.Sent);
    }

    [Fact]
    public async Task When_all_who_wait_give_up_the_next_order_goes_at_once()
    {
        var way = new Way { IsHeldUp = true };
        using var gone = new CancellationTokenSource();
        var (first, second) = (way.AskAsync(1), way.AskAsync(2, gone.Token));
        await gone.CancelAsync();
        way.LetGo();
        await first;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal("3 together", await way.AskAsync(3));
        Assert.Equal(["1", "3"], way.Sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Of_many_askers_each_gets_its_own_reply_and_no_two_are_on_their_way_at_once(int seed)
    {
        var random = new Random(seed);
        var numbers = Enumerable.Range(0, 2000).ToList();
        var way = new Way
        {
            NotTogether = [.. numbers.Where(_ => random.Next(20) == 0)],
            Poisoned = [.. numbers.Where(_ => random.Next(200) == 0)],
            Yields = true,
        };
        var ended = await Task.WhenAll(numbers.Select(i => Task.Run(async () =>
        {
            try
            {
                return await way.AskAsync(i);
            }
            catch (FormatException e)
            {
                return e.Message;
            }
        })));
        Assert.Equal(1, way.MostAtOnce);
        foreach (var (end, i) in ended.Zip(numbers))
        {
            if (way.Poisoned.Contains(i))
                Assert.Equal($"order {i}", end);
            else if (way.NotTogether.Contains(i))
                Assert.Equal($"{i} alone", end);
            else
                Assert.Contains(end, new[] { $"{i} together", $"{i} alone" });
        }

        Assert.All(way.Sent, s => Assert.InRange(s.Split(' ').Length, 1, Way.Most));
    }

    /// <summary>What orders are sent on: it can be held up, broken, and refuse some of them.</summary>
    private sealed class Way
    {
        public const int Most = GroupCommit<int, string>.Most;

        private readonly GroupCommit<int, string> _gathering;
        private readonly Lock _lock = new();
        private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _aloneFree = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isBroken;
        private int _atOnce;

        public Way() => _gathering = new(TogetherAsync, AloneAsync, e => e is IOException);

        public bool IsHeldUp { get; init; }

        public bool AloneIsHeldUp { get; init; }

        public bool Yields { get; init; }

        public HashSet<int> NotTogether { get; init; } = [];

        public HashSet<int> Poisoned { get; init; } = [];

        public List<string> Sent { get; } = [];

        public List<int> SentAlone { get; } = [];

        public int MostAtOnce { get; private set; }

        public Task<string> AskAsync(int order, CancellationToken cancellationToken = default) => _gathering.AskAsync(order, cancellationToken);

        public void LetGo() => _free.SetResult();

        public void LetAloneGo() => _aloneFree.SetResult();

        public void Break() => _isBroken = true;

        public void Mend() => _isBroken = false;

        private async Task<IReadOnlyList<string?>> TogetherAsync(IReadOnlyList<int> orders)
        {
            lock (_lock)
            {
                Sent.Add(string.Join(' ', orders));
                MostAtOnce = Math.Max(MostAtOnce, ++_atOnce);
            }

            if (IsHeldUp)
                await _free.Task;
            if (Yields)
                await Task.Yield();
            lock (_lock)
                _atOnce--;
            if (_isBroken)
                throw new IOException("the line");
            return orders.FirstOrDefault(Poisoned.Contains, -1) is var bad && bad >= 0
                ? throw new FormatException($"order {bad}")
                : [.. orders.Select(o => NotTogether.Contains(o) ? null : $"{o} together")];
        }

        private async Task<string> AloneAsync(int order, CancellationToken cancellationToken)
        {
            lock (_lock)
                SentAlone.Add(order);
            if (AloneIsHeldUp)
                await _aloneFree.Task.WaitAsync(cancellationToken);
            return Poisoned.Contains(order) ? throw new FormatException($"order {order}") : $"{order} alone";
        }
    }
}
