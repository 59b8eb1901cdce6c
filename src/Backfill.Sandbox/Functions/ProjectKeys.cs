using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Backfill.Sandbox.Functions;

/// <summary>The role that a key gives.</summary>
internal enum KeyRole
{
    None,
    Anon,
    Service,
}

/// <summary>The project's legacy keys: JWTs (HS256) that name a role and the project.</summary>
internal sealed class ProjectKeys
{
    private static readonly DateTimeOffset IssuedAt = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(32);

    public ProjectKeys()
    {
        ServiceRole = Sign("service_role");
        Anon = Sign("anon");
    }

    /// <summary>The project's reference: twenty letters.</summary>
    public string Reference { get; } = RandomNumberGenerator.GetString("abcdefghijklmnopqrstuvwxyz", 20);

    public string ServiceRole { get; }

    public string Anon { get; }

    /// <summary>There are but two keys, so comparing with them verifies their signatures.</summary>
    public KeyRole RoleOf(string? key) =>
        key is null ? KeyRole.None
        : Same(key, ServiceRole) ? KeyRole.Service
        : Same(key, Anon) ? KeyRole.Anon
        : KeyRole.None;

    private string Sign(string role)
    {
        var content = Encode(new { alg = "HS256", typ = "JWT" }) + "." + Encode(new
        {
            iss = "supabase",
            @ref = Reference,
            role,
            iat = IssuedAt.ToUnixTimeSeconds(),
            exp = IssuedAt.AddYears(10).ToUnixTimeSeconds(),
        });
        return content + "." + Base64Url.EncodeToString(HMACSHA256.HashData(_secret, Encoding.ASCII.GetBytes(content)));
    }

    private static string Encode<T>(T part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
