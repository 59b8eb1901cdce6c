using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>Whatever the bytes: a plan, or errors with a place; never another exception.</summary>
public class PlanFuzzTests
{
    private static readonly byte[] Staging = File.ReadAllBytes(PlanTexts.Staging);
    private static readonly byte[] Full = System.Text.Encoding.UTF8.GetBytes(PlanTexts.Full);

    // What makes JSON and this plan take another turn.
    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u0000", "\\udfff", "null", "true", "-", "0", "1e999", "\n", "\0", " ", "/", "\uFEFF",
        "\"sessions\":", "\"session_count\":1,", "\"params\":{}", "\"batch_id\":\"a\",", "\"functions\":{},", "\"tables\":{},", "{\"param\":1}",
    ];

    [Property(MaxTest = 2000)]
    public void Random_bytes_are_never_a_plan(byte[] bytes)
    {
        var reading = Check(bytes);

        Assert.Null(reading.Plan);
    }

    [Property(MaxTest = 3000)]
    public Property A_plan_with_random_damage_is_a_plan_or_has_errors() => Prop.ForAll(Damaged().ToArbitrary(), bytes => { Check(bytes); });

    [Fact]
    public void Every_truncation_of_the_plan_is_an_error_but_the_last_line_end()
    {
        for (var length = 0; length < Staging.Length - 1; length++)
            Assert.Null(Check(Staging[..length]).Plan);
        Assert.NotNull(Check(Staging[..^1]).Plan);
    }

    [Fact]
    public void The_plan_without_any_one_byte_never_breaks_the_reader()
    {
        for (var at = 0; at < Full.Length; at++)
            Check([.. Full[..at], .. Full[(at + 1)..]]);
    }

    private static PlanReading Check(byte[] bytes)
    {
        var reading = PlanTexts.Read(bytes);
        var lines = bytes.Count(b => b == (byte)'\n') + 1;
        Assert.Equal(reading.Plan is null, reading.Problems.Any(p => p.Severity == PlanSeverity.Error));
        Assert.All(reading.Problems, p =>
        {
            Assert.InRange(p.Line, 1, lines);
            Assert.InRange(p.Column, 1, bytes.Length + 1);
            Assert.DoesNotContain(p.ToString(), char.IsControl);
        });
        if (reading.Plan is { } plan)
            Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), plan.Hash);
        else
            Assert.Throws<PlanException>(reading.Require);
        return reading;
    }

    private static Gen<byte[]> Damaged() =>
        from whole in Gen.Elements(Staging, Full)
        from hits in Gen.Choose(1, 4)
        from at in Gen.Choose(0, whole.Length - 1).ArrayOf(hits)
        from cut in Gen.Choose(0, 40).ArrayOf(hits)
        from token in Gen.Elements(Tokens).ArrayOf(hits)
        from noise in Gen.Choose(0, 255).ArrayOf(hits)
        from kind in Gen.Choose(0, 3).ArrayOf(hits)
        select Enumerable.Range(0, hits).Aggregate(whole, (bytes, i) => Hit(bytes, at[i], cut[i], token[i], (byte)noise[i], kind[i]));

    private static byte[] Hit(byte[] bytes, int at, int cut, string token, byte noise, int kind)
    {
        at = Math.Min(at, bytes.Length);
        var end = Math.Min(at + cut, bytes.Length);
        return kind switch
        {
            0 => [.. bytes[..at], noise, .. bytes[Math.Min(at + 1, bytes.Length)..]],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[at..]],
            _ => [.. bytes[..at], .. System.Text.Encoding.UTF8.GetBytes(token), .. bytes[at..]],
        };
    }
}
