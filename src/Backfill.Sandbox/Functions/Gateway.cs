namespace Backfill.Sandbox.Functions;

/// <summary>What stands before the functions: the check of the keys.</summary>
internal sealed class Gateway(ProjectKeys keys)
{
    private const string Bearer = "Bearer ";

    /// <returns>Null: let in. Otherwise the platform's refusal.</returns>
    public FunctionAnswer? Refuse(HttpRequest request)
    {
        if (request.Headers.Authorization.ToString() is not { Length: > 0 } authorization)
            return Refusal(401, "UNAUTHORIZED_NO_AUTH_HEADER", "Missing authorization header");
        if (!authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) || authorization.Count(c => c == '.') != 2)
            return Refusal(401, "UNAUTHORIZED_INVALID_JWT_FORMAT", "Invalid JWT");

        var bearer = keys.RoleOf(authorization[Bearer.Length..].Trim());
        if (bearer == KeyRole.None) return Refusal(401, "UNAUTHORIZED_LEGACY_JWT", "Invalid JWT");

        var apiKey = RoleOfApiKey(request);
        if (apiKey == KeyRole.None) return Refusal(401, "UNAUTHORIZED_INVALID_API_KEY", "Invalid API key");

        // The platform lets an anon key in; these functions demand the service role themselves.
        return bearer == KeyRole.Service && apiKey == KeyRole.Service
            ? null
            : Refusal(403, "FORBIDDEN", "The service role key is required");
    }

    public KeyRole RoleOfApiKey(HttpRequest request) => keys.RoleOf(request.Headers["apikey"]);

    private static FunctionAnswer Refusal(int status, string code, string message) =>
        FunctionAnswer.Platform(status, code, message, Outcomes.Refused);
}
