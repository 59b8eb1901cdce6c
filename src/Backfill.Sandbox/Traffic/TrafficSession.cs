using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Backfill.Sandbox.Scoring;

namespace Backfill.Sandbox.Traffic;

/// <summary>A session of the traffic. All of it follows from the seed, its stream and its place there.</summary>
internal sealed record TrafficSession(
    Guid Id, DateTimeOffset CreatedAt, DateTimeOffset CompletedAt, string ShareToken, Guid? UserId, TrafficFault Fault)
{
    private const int LeastMinutes = 9;
    private const int MostMinutes = 40;

    public static TrafficSession Make(int seed, int stream, long place, DateTimeOffset completedAt, TrafficFault fault)
    {
        var hash = SHA384.HashData(
            Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{seed}:traffic {stream}:{place}")));
        // A version 4 id to look at, like any other session's.
        hash[6] = (byte)(hash[6] & 0x0F | 0x40);
        hash[8] = (byte)(hash[8] & 0x3F | 0x80);
        var id = new Guid(hash.AsSpan(0, 16), bigEndian: true);
        var dice = new Dice(id, seed, purpose: 3);
        return new TrafficSession(
            id,
            completedAt.AddSeconds(-60 * LeastMinutes - dice.Below(60 * (MostMinutes - LeastMinutes))),
            completedAt,
            Convert.ToHexStringLower(hash.AsSpan(16, 16)),
            place % 3 == 0 ? null : new Guid(hash.AsSpan(32, 16), bigEndian: true),
            fault);
    }
}
