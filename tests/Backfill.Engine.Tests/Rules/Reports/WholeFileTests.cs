using System.Text;
using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Tests.Rules.Reports;

public sealed class WholeFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backfill-test-");

    private string PlanPath => Path.Combine(_folder.FullName, "sub", "plan.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Another_content_is_kept_with_its_date_even_twice_in_a_second()
    {
        foreach (var text in new[] { "one", "two", "three" })
        {
            WholeFile.WriteKeeping(PlanPath, Encoding.UTF8.GetBytes(text));
            File.SetLastWriteTimeUtc(PlanPath, new DateTime(2025, 9, 17, 8, 0, 0, DateTimeKind.Utc));
        }

        Assert.Equal(
            ["plan.2025-09-17T080000Z-2.json=two", "plan.2025-09-17T080000Z.json=one", "plan.json=three"], Files());
    }

    [Fact]
    public void The_same_content_is_left_as_it_is()
    {
        WholeFile.WriteKeeping(PlanPath, "one"u8);
        WholeFile.WriteKeeping(PlanPath, "one"u8);

        Assert.Equal(["plan.json=one"], Files());
    }

    [Fact]
    public void What_does_not_pass_its_check_is_not_written_and_takes_nothing_s_place()
    {
        WholeFile.WriteKeeping(PlanPath, "one"u8);
        Assert.Throws<InvalidOperationException>(
            () => WholeFile.WriteKeeping(PlanPath, "two"u8, _ => throw new InvalidOperationException()));

        Assert.Equal(["plan.json=one"], Files());
    }

    [Fact]
    public void A_file_that_is_there_is_overwritten_only_on_request()
    {
        WholeFile.Write(PlanPath, "one"u8, null, overwrite: false);
        Assert.Equal("FileExists", Assert.Throws<BackfillException>(() => WholeFile.Write(PlanPath, "two"u8, null, overwrite: false)).Code);
        WholeFile.Write(PlanPath, "three"u8, null, overwrite: true);

        Assert.Equal(["plan.json=three"], Files());
    }

    [Fact]
    public void A_place_where_nothing_can_be_written_is_named()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "sub"), "a file");

        var error = Assert.ThrowsAny<BackfillException>(() => WholeFile.WriteKeeping(PlanPath, "one"u8));

        Assert.Equal(("FileNotWritten", PlanPath), (error.Code, error.TargetObject));
    }

    private IEnumerable<string> Files() => Directory.GetFiles(Path.GetDirectoryName(PlanPath)!)
        .Select(f => $"{Path.GetFileName(f)}={File.ReadAllText(f)}").Order(StringComparer.Ordinal);
}
