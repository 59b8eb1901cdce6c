namespace Backfill.Engine.Connections.Settings;

/// <summary>The address of a project's API.</summary>
internal static class ApiAddress
{
    public static Uri Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new BackfillException(
                "ApiUrlMissing",
                BackfillErrorKind.InvalidInput,
                "The project's API address is missing. Give -ApiUrl, or set SUPABASE_URL, for example https://abcdefghijklmnopqrst.supabase.co.");
        }

        if (!Uri.TryCreate(text.Trim(), UriKind.Absolute, out var uri) || uri.Scheme is not ("https" or "http") || uri.Host.Length == 0)
            throw Invalid("it is no http or https address");
        if (uri.UserInfo.Length > 0)
            throw Invalid("it holds a user name or password; the key belongs in -ServiceRoleKey");
        if (uri.AbsolutePath != "/" || uri.Query.Length > 0 || uri.Fragment.Length > 0)
            throw Invalid("it must end after the host, without a path: the functions' path is added here");
        if (uri.Scheme == "http" && !Loopback.Is(uri.Host))
            throw Invalid($"{uri.Host} is not this machine, and over http the service key would cross the network; write https");
        return uri;
    }

    private static BackfillException Invalid(string what) => new(
        "ApiUrlInvalid",
        BackfillErrorKind.InvalidInput,
        $"-ApiUrl (SUPABASE_URL) can't be used: {what}. Write it as https://abcdefghijklmnopqrst.supabase.co.");
}
