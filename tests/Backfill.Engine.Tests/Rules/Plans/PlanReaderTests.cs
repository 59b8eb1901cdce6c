using System.Security.Cryptography;
using System.Text;
using Backfill.Engine.Plans;

namespace Backfill.Engine.Tests.Rules.Plans;

/// <summary>Getting at the file: what is not there, not readable, too large, not JSON.</summary>
public class PlanReaderTests
{
    [Theory]
    [InlineData("no_such.plan.json")]
    [InlineData("no_such_folder/x.plan.json")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_file_that_is_not_there_is_not_found(string path)
    {
        var error = Assert.Throws<PlanException>(() => new PlanReader().Read(path));

        Assert.Equal((PlanCodes.NotFound, BackfillErrorKind.NotFound), (error.Code, error.Kind));
    }

    [Fact]
    public void A_folder_is_no_plan()
    {
        var error = Assert.Throws<PlanException>(() => new PlanReader().Read(PlanTexts.Folder));

        Assert.Equal(PlanCodes.Unreadable, error.Code);
        Assert.Contains("folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_that_fails_is_unreadable_and_the_message_says_why()
    {
        using var stream = new FakeStream(_ => throw new UnauthorizedAccessException("Access is denied."));

        var error = Assert.Throws<PlanException>(() => new PlanReader().Read(stream, "x"));

        Assert.Equal(PlanCodes.Unreadable, error.Code);
        Assert.Contains("Access is denied.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_stream_that_never_ends_is_refused_at_the_limit()
    {
        long read = 0;
        using var stream = new FakeStream(buffer =>
        {
            buffer.Fill((byte)' ');
            read += buffer.Length;
            return buffer.Length;
        });

        var error = Assert.Throws<PlanException>(() => new PlanReader().Read(stream, "x"));

        Assert.Equal(PlanCodes.TooLarge, error.Code);
        Assert.InRange(read, PlanReader.DefaultSizeLimit, PlanReader.DefaultSizeLimit + 1);
    }

    [Fact]
    public void A_device_without_end_is_refused_though_its_length_is_zero()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "needs /dev/zero");

        Assert.Equal(PlanCodes.TooLarge, Assert.Throws<PlanException>(() => new PlanReader().Read("/dev/zero")).Code);
    }

    [Fact]
    public void A_hundred_megabytes_of_garbage_cost_no_more_than_the_limit()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        try
        {
            using (var file = File.Create(path))
                file.SetLength(100 * 1024 * 1024);
            var before = GC.GetAllocatedBytesForCurrentThread();

            Assert.Equal(PlanCodes.TooLarge, Assert.Throws<PlanException>(() => new PlanReader().Read(path)).Code);

            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 3L * PlanReader.DefaultSizeLimit);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void The_limit_itself_is_allowed_and_one_byte_more_is_not()
    {
        var bytes = Encoding.UTF8.GetBytes(PlanTexts.Full);

        Assert.NotNull(new PlanReader(sizeLimit: bytes.Length).Read(bytes, "x").Plan);
        Assert.NotNull(new PlanReader(sizeLimit: bytes.Length).Read(new MemoryStream(bytes), "x").Plan);
        Assert.Throws<PlanException>(() => new PlanReader(sizeLimit: bytes.Length - 1).Read(bytes, "x"));
        Assert.Throws<PlanException>(() => new PlanReader(sizeLimit: bytes.Length - 1).Read(new MemoryStream(bytes), "x"));
    }

    [Theory]
    [InlineData("", "PlanEmpty", 1, 1)]
    [InlineData(" \r\n\t", "PlanEmpty", 1, 1)]
    [InlineData("{\n  \"a\": 1,\n  oops\n}", "PlanNotJson", 3, 3)]
    [InlineData("{\n  \"a\": 1", "PlanNotJson", 2, 9)]
    [InlineData("{\"é\": 1,}", "PlanNotJson", 1, 9)]
    [InlineData("{} {}", "PlanNotJson", 1, 4)]
    [InlineData("// no\n{}", "PlanNotJson", 1, 1)]
    [InlineData("{\"a\": \"x\ny\"}", "PlanNotJson", 1, 9)]
    [InlineData("{\"a\": 01}", "PlanNotJson", 1, 8)]
    [InlineData("{\n\0}", "PlanNotUtf8", 2, 1)]
    public void Broken_text_is_a_problem_with_its_line_and_column(string text, string code, int line, int column)
    {
        var reading = PlanTexts.Read(text);

        var problem = Assert.Single(reading.Problems);
        Assert.Equal((code, line, column), (problem.Code, problem.Line, problem.Column));
        Assert.Equal(PlanCodes.NotJson, Assert.Throws<PlanException>(() => reading.Require()).Code);
    }

    [Fact]
    public void Broken_json_names_the_object_it_breaks_in() =>
        Assert.Equal("/batches/1", Assert.Single(PlanTexts.Read("{\"batches\": [{}, {\"x\": ?}]}").Problems).Pointer);

    [Fact]
    public void Bytes_that_are_no_utf8_are_named_by_their_place()
    {
        byte[] bytes = [.. "{\n\"a\": \""u8, 0xC3, 0x28, .. "\"}"u8];

        var problem = Assert.Single(PlanTexts.Read(bytes).Problems);

        Assert.Equal((PlanCodes.NotUtf8, 2, 7), (problem.Code, problem.Line, problem.Column));
    }

    [Theory]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    public void A_file_in_utf16_is_told_to_be_saved_as_utf8(string encoding)
    {
        var utf16 = Encoding.GetEncoding(encoding);
        byte[] bytes = [.. utf16.GetPreamble(), .. utf16.GetBytes(PlanTexts.Full)];

        var problem = Assert.Single(PlanTexts.Read(bytes).Problems);

        Assert.Equal(PlanCodes.NotUtf8, problem.Code);
        Assert.Contains("UTF-16", problem.Message, StringComparison.Ordinal);
        Assert.Contains("UTF-16", Assert.Single(PlanTexts.Read(utf16.GetBytes("{}")).Problems).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_byte_order_mark_counts_for_the_hash_and_for_no_column()
    {
        byte[] plain = Encoding.UTF8.GetBytes(PlanTexts.Full), marked = [.. Encoding.UTF8.Preamble, .. plain];

        var plan = PlanTexts.Read(marked).Require();

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(marked)), plan.Hash);
        Assert.NotEqual(PlanTexts.Read(plain).Require().Hash, plan.Hash);
        byte[] broken = [.. Encoding.UTF8.Preamble, .. "{?"u8];
        Assert.Equal(2, Assert.Single(PlanTexts.Read(broken).Problems).Column);
    }

    [Fact]
    public void A_plan_read_back_from_its_document_has_the_same_hash()
    {
        byte[] marked = [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(PlanTexts.Full)];
        foreach (var plan in new[] { PlanTexts.Read(marked).Require(), PlanTexts.Read(PlanTexts.Full).Require() })
            Assert.Equal(plan.Hash, new PlanReader().ReadDocument(plan.GetDocument(), "ledger").Require().Hash);
    }

    [Theory]
    [InlineData(64, false)]
    [InlineData(65, true)]
    [InlineData(1_000_000, true)]
    public void Nesting_is_limited_and_says_so(int depth, bool refused)
    {
        var text = new string('[', depth) + new string(']', depth);

        Assert.Equal(refused, Assert.Single(PlanTexts.Read(text).Problems).Code == PlanCodes.TooDeep);
    }

    [Fact]
    public void More_values_than_a_plan_can_have_are_refused()
    {
        var text = "[" + string.Join(",", Enumerable.Repeat("0", 1_000_001)) + "]";

        Assert.Equal(PlanCodes.TooManyValues, Assert.Single(PlanTexts.Read(text).Problems).Code);
    }

    [Fact]
    public void The_exception_names_file_line_column_pointer_and_remedy()
    {
        var error = Assert.Throws<PlanException>(() => PlanTexts.Read(PlanTexts.Edit(8, "20", "0")).Require());

        Assert.Equal(
            "test.plan.json, line 8, column 28, /backfill_plan/throttle_per_minute: "
            + "'throttle_per_minute' must be a whole number from 1 to 100000; it is 0. 20 is usual. [PlanThrottleInvalid]",
            error.Message);
        Assert.Equal((PlanCodes.Invalid, "test.plan.json"), (error.Code, error.Path));
        Assert.Single(error.Problems);
    }

    [Fact]
    public void An_exception_with_many_errors_shows_ten_and_counts_the_rest()
    {
        var error = Assert.Throws<PlanException>(() => PlanTexts.Read("{\"batches\": [0,0,0,0,0,0,0,0,0,0,0,0]}").Require());

        Assert.Equal(13, error.Problems.Count(p => p.Severity == PlanSeverity.Error));
        Assert.StartsWith("test.plan.json has 13 errors:", error.Message, StringComparison.Ordinal);
        Assert.Contains("and 3 more", error.Message, StringComparison.Ordinal);
        Assert.Equal(12, error.Message.Split('\n').Length);
    }

    private sealed class FakeStream(FakeStream.Reader reader) : MemoryStream
    {
        public delegate int Reader(Span<byte> buffer);

        public override long Length => 10;

        public override int Read(byte[] buffer, int offset, int count) => reader(buffer.AsSpan(offset, count));
    }
}
