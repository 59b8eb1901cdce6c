namespace Backfill.Sandbox.Traffic;

/// <summary>What is wrong with a session of the traffic; one thing at most.</summary>
internal enum TrafficFault
{
    None,

    /// <summary>Completed, and never scored.</summary>
    Unscored,

    /// <summary>Its profile is of an older engine.</summary>
    WrongVersion,

    /// <summary>Its forced-choice scores are of kind <c>legacy</c>, and there are no others.</summary>
    LegacyKind,

    /// <summary>Scored in order, but <c>fn_logs</c> has an <c>engine_version_override</c> for it.</summary>
    OverrideEvents,
}
