using System.Collections.Concurrent;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using Backfill.PowerShell.Questions;

namespace Backfill.PowerShell.Completion;

/// <summary>
/// What a target has answered for the completion of arguments. A key that is pressed waits for it 200 ms at most; an answer that comes
/// later is there for the next press.
/// </summary>
internal sealed class Answers
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan GivenUp = TimeSpan.FromSeconds(5);

    private static readonly ConditionalWeakTable<BackfillConnection, Answers> Targets = [];

    private readonly ConcurrentDictionary<string, Question> _questions = new(StringComparer.Ordinal);

    /// <summary>Those of a target.</summary>
    public static Answers Of(BackfillConnection connection) => Targets.GetOrCreateValue(connection);

    /// <summary>Asks, or waits for what was asked a moment ago; nothing where it takes too long or fails.</summary>
    /// <param name="key">What is asked for.</param>
    /// <param name="ask">Asks the target.</param>
    public IReadOnlyList<CompletionResult> Get(string key, Func<CancellationToken, Task<IReadOnlyList<CompletionResult>>> ask)
    {
        var question = _questions.AddOrUpdate(key, _ => Ask(ask), (_, last) => last.IsStale ? Ask(ask) : last);
        if (!question.Waiting.Wait(Patience))
            return [];
        question.IsShown = true;
        return question.Waiting.Result.Offers;
    }

    private static Question Ask(Func<CancellationToken, Task<IReadOnlyList<CompletionResult>>> ask) => new(Task.Run(async () =>
    {
        using var limit = new CancellationTokenSource(GivenUp);
        try
        {
            return new Answer(await ask(limit.Token).ConfigureAwait(false), Environment.TickCount64);
        }
#pragma warning disable CA1031 // A key that is pressed never gives an error.
        catch (Exception)
#pragma warning restore CA1031
        {
            return new Answer([], 0);
        }
    }));

    /// <param name="Offers">What to offer.</param>
    /// <param name="At">When it came, in ticks; an error is old at once.</param>
    private sealed record Answer(IReadOnlyList<CompletionResult> Offers, long At);

    private sealed record Question(Task<Answer> Waiting)
    {
        /// <summary>Its answer came in time for a press.</summary>
        public bool IsShown { get; set; }

        /// <summary>One that is under way is waited for again, so that a slow target is not asked twice at once.</summary>
        public bool IsStale =>
            IsShown || (Waiting.IsCompleted && TimeSpan.FromMilliseconds(Environment.TickCount64 - Waiting.Result.At) > Fresh);
    }
}
