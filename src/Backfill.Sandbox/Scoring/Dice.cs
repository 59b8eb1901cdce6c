using System.Runtime.InteropServices;

namespace Backfill.Sandbox.Scoring;

/// <summary>Deterministic numbers from a session's id and the sandbox's seed: SplitMix64 (Steele, Lea, Flood 2014).</summary>
internal struct Dice
{
    private ulong _state;

    public Dice(Guid session, int seed, int purpose)
    {
        var halves = MemoryMarshal.Cast<Guid, ulong>(MemoryMarshal.CreateReadOnlySpan(in session, 1));
        _state = halves[0] ^ ulong.RotateLeft(halves[1], 17) ^ ((ulong)(uint)seed << 32) ^ (uint)purpose;
        Next();
    }

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Below(int bound) => (int)(Next() % (uint)bound);

    /// <summary>A number with two digits after the point.</summary>
    public decimal Between(int low, int high) => low + Below((high - low) * 100) / 100m;
}
