using Backfill.Engine.Apply.Steer;

namespace Backfill.Engine.Tests.Rules.Apply;

public class RunTransitionsTests
{
    [Fact]
    public void Only_the_allowed_orders_go_through()
    {
        var allowed =
            from action in Enum.GetValues<RunAction>()
            from state in Enum.GetValues<BackfillRunState>()
            where RunTransitions.Allows(action, state, BackfillRunIntent.Run)
            select $"{action} {state}";
        Assert.Equal(
            [
                "Suspend Pending", "Suspend Running", "Suspend Suspended", "Suspend Paused", "Suspend Halted",
                "Resume Running", "Resume Suspended", "Resume Paused", "Resume Halted",
                "Stop Pending", "Stop Running", "Stop Suspended", "Stop Paused", "Stop Halted",
                "Set Pending", "Set Running", "Set Suspended", "Set Paused", "Set Halted",
            ],
            allowed);
    }

    [Fact]
    public void A_run_that_is_being_stopped_obeys_nothing_but_the_same_order_again() => Assert.Equal(
        [RunAction.Stop],
        Enum.GetValues<RunAction>().Where(a => RunTransitions.Allows(a, BackfillRunState.Running, BackfillRunIntent.Stop)));
}
