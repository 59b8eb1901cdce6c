using Backfill.Engine.Apply.Freeze;
using Backfill.Engine.Apply.Guard;
using Backfill.Engine.Connections;

namespace Backfill.Engine.Apply.Steer;

/// <summary>Carries an operator's orders to a run, from any machine.</summary>
/// <param name="connection">The target.</param>
/// <param name="time">The clock.</param>
public sealed class RunSteering(BackfillConnection connection, TimeProvider time)
{
    /// <summary>Gives an order; workers see it within about a second.</summary>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <returns>The run after it.</returns>
    /// <exception cref="BackfillException"><c>RunNotFound</c>, <c>ThrottleOverPlan</c>, or the run's state does not allow it.</exception>
    public async Task<BackfillRun> OrderAsync(RunOrder order, CancellationToken cancellationToken)
    {
        if (order.Until is { } until && until <= time.GetUtcNow())
        {
            throw new BackfillException(
                "UntilPast",
                BackfillErrorKind.InvalidInput,
                FormattableString.Invariant($"-Until {until.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z is past. Give a later time, or leave it out: then only Resume-BackfillRun ends the suspension."),
                until);
        }

        if (order.Action == RunAction.Set)
            await CheckAsync(order, cancellationToken).ConfigureAwait(false);
        await connection.Target.Ledger.ControlAsync(order with { Operator = order.Operator ?? ThisOperator }, cancellationToken)
            .ConfigureAwait(false);
        var run = await connection.Target.Runs.ListAsync(new RunFilter(order.RunId), cancellationToken)
            .FirstAsync(cancellationToken).ConfigureAwait(false);
        return run with { Connection = connection };
    }

    /// <summary>Throws what <see cref="OrderAsync"/> would throw, and changes nothing.</summary>
    /// <param name="order">The order.</param>
    /// <param name="cancellationToken">Stops the call.</param>
    /// <exception cref="BackfillException">As for the order itself.</exception>
    public async Task RequireAsync(RunOrder order, CancellationToken cancellationToken)
    {
        if (order.Action == RunAction.Set)
            await CheckAsync(order, cancellationToken).ConfigureAwait(false);
        var run = await connection.Target.Runs.ListAsync(new RunFilter(order.RunId), cancellationToken)
            .FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false) ?? throw RunFreezer.NotFound(order.RunId);
        RunTransitions.Check(order.Action, run);
    }

    /// <summary>This process's user and host, as the ledger names operators.</summary>
    public static string ThisOperator => $"{Environment.UserName}@{Environment.MachineName}";

    private async Task CheckAsync(RunOrder order, CancellationToken cancellationToken)
    {
        if (order is { ThrottlePerMinute: null, ConcurrencyLimit: null, Name: null, Ticket: null, Guard: null })
        {
            throw new BackfillException(
                "NothingToSet",
                BackfillErrorKind.InvalidInput,
                "Nothing to change was given. Give -ThrottlePerMinute, -ConcurrencyLimit, -Guard, -Name or -Ticket.",
                order.RunId);
        }

        if (!GuardSettings.TryParse(order.Guard, takesQuery: false, out _, out var problem))
        {
            throw new BackfillException(
                "GuardInvalid",
                BackfillErrorKind.InvalidInput,
                $"-Guard can't be used: {problem} See its form: Get-Help about_Backfill_Guard",
                order.Guard);
        }

        var ticket = await connection.Target.Ledger.OpenAsync(order.RunId, cancellationToken).ConfigureAwait(false);
        if (order.ThrottlePerMinute is { } rate)
            ApplyRules.CheckRate(rate, ticket.Plan, connection);
        if (order.ConcurrencyLimit is { } limit)
            ApplyRules.CheckConcurrency(limit);
    }
}
