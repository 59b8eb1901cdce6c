namespace Backfill.Engine.Tests.Sandbox;

/// <summary>Sessions of the default sandbox, by what they are good for.</summary>
internal static class SandboxSessions
{
    /// <summary>The seven that the 39-session plan names: complete answers, no profile, no scores.</summary>
    public static readonly Guid[] Named =
    [
        Guid.Parse("618c5ea6-aeda-4084-9156-0aac9643afd3"),
        Guid.Parse("070d9bf2-516f-44ee-87fc-017c7db9d29c"),
        Guid.Parse("d5da8412-4178-4456-b3ee-c496122c840b"),
        Guid.Parse("fd85871b-b8ef-491a-8274-c50932530457"),
        Guid.Parse("8c1c68bd-0713-45b1-b328-e6b51ade9b3f"),
        Guid.Parse("21762d3d-773f-4302-8fa5-d5d8ff88911c"),
        Guid.Parse("97a75815-9779-431d-8443-bf2971f463e9"),
    ];

    /// <summary>SQL: completed since 2025-08-01, answered in both ways, without scores.</summary>
    public const string Candidates = """
        SELECT s.id FROM public.assessment_sessions AS s
        WHERE s.status = 'completed' AND s.completed_at >= '2025-08-01Z'
          AND EXISTS (SELECT FROM public.assessment_responses AS r WHERE r.session_id = s.id)
          AND EXISTS (SELECT FROM public.fc_responses AS r WHERE r.session_id = s.id)
          AND NOT EXISTS (SELECT FROM public.fc_scores AS f WHERE f.session_id = s.id)
        """;

    /// <summary>SQL: one completed session without any answers.</summary>
    public const string WithoutResponses = """
        SELECT s.id FROM public.assessment_sessions AS s
        WHERE s.status = 'completed' AND NOT EXISTS (SELECT FROM public.assessment_responses AS r WHERE r.session_id = s.id)
        ORDER BY s.id LIMIT 1
        """;

    /// <summary>SQL: one completed session with answers, but no forced-choice ones.</summary>
    public const string WithoutFcResponses = """
        SELECT s.id FROM public.assessment_sessions AS s
        WHERE s.status = 'completed' AND s.completed_at >= '2025-08-01Z'
          AND EXISTS (SELECT FROM public.assessment_responses AS r WHERE r.session_id = s.id)
          AND NOT EXISTS (SELECT FROM public.fc_responses AS r WHERE r.session_id = s.id)
        ORDER BY s.id LIMIT 1
        """;
}
