using System.Buffers.Text;
using System.Text;

namespace Backfill.Engine.Tests.Connections;

/// <summary>Keys that open nothing.</summary>
internal static class TestKeys
{
    public const string Secret = "sb_secret_0123456789abcdefghij";

    public const string Publishable = "sb_publishable_0123456789abcdefghij";

    public static string Jwt(string payload) => $"{Encode("""{"alg":"HS256","typ":"JWT"}""")}.{Encode(payload)}.c2lnbmF0dXJl";

    public static string Jwt(string role, string project) => Jwt($$"""{"iss":"supabase","ref":"{{project}}","role":"{{role}}","exp":2000000000}""");

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
