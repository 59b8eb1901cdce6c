using Backfill.Engine.Reports.Files;

namespace Backfill.Engine.Tests.Rules.Reports;

public sealed class FileErrorsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backfill-test-");

    private string Target => Path.Combine(_folder.FullName, "sub", "file.json");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(28)]
    [InlineData(122)]
    [InlineData(69)]
    [InlineData(unchecked((int)0x80070070))]
    public void A_full_disk_or_quota_is_told_as_one(int code)
    {
        var error = FileErrors.NotWritten(Target, new IOException($"No space left on device : '{Target}.1234.tmp'", code));

        Assert.Equal(("DiskFull", BackfillErrorKind.Storage, Target), (error.Code, error.Kind, error.TargetObject));
        Assert.Equal($"'{Target}' can't be written: No space left on device. The disk is full: free space there, or give a folder on another disk.", error.Message);
    }

    [Fact]
    public void A_disk_that_can_only_be_read_is_no_full_one()
    {
        var error = FileErrors.NotWritten(Target, new IOException("Read-only file system : 'x'", 30));

        Assert.Equal(("FileNotWritten", BackfillErrorKind.Permission), (error.Code, error.Kind));
        Assert.Contains("can only be read", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_too_long_is_told_as_one()
    {
        var error = await WriteAsync(Path.Combine(_folder.FullName, new string('x', 300)));

        Assert.Equal(("FileNotWritten", BackfillErrorKind.InvalidInput), (error.Code, error.Kind));
        Assert.Contains("too long", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_file_is_named()
    {
        Directory.CreateDirectory(Target);

        var error = await WriteAsync(Target);

        Assert.Equal(("FileNotWritten", Target), (error.Code, error.TargetObject));
        Assert.Contains("A folder of that name is in the way", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_in_the_place_of_a_folder_is_named()
    {
        var file = Path.Combine(_folder.FullName, "sub");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        var error = await WriteAsync(Target);

        Assert.Equal(("FileNotWritten", Target), (error.Code, error.TargetObject));
        Assert.Contains($"'{file}' is a file where a folder is needed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_content_s_source_throws_is_no_error_of_the_file()
    {
        await Assert.ThrowsAsync<EndOfStreamException>(() => ArtifactFile.WriteAsync(
            Target, Guid.Empty, _ => throw new EndOfStreamException("The server ended a COPY."), CancellationToken.None));
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(Target)!));
    }

    // Each write to this device is refused as one to a full disk is.
    [Fact]
    public async Task A_write_that_the_system_refuses_names_the_file_it_was_for()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "Only Linux has /dev/full.");
        Assert.Equal("DiskFull", (await Assert.ThrowsAsync<FileNotWrittenException>(async () => await Full().WriteAsync(new byte[100_000]))).Code);
        Assert.Equal("DiskFull", Assert.Throws<FileNotWrittenException>(() => Full().Write(new byte[100_000])).Code);
        // What still lies in the buffer is refused when it is to leave it.
        Assert.Equal("DiskFull", Assert.Throws<FileNotWrittenException>(() => WithOneByte().FlushToDisk()).Code);
        Assert.Equal("DiskFull", (await Assert.ThrowsAsync<FileNotWrittenException>(async () => await WithOneByte().DisposeAsync())).Code);
        Assert.Equal(Target, Assert.Throws<FileNotWrittenException>(() => WithOneByte().Dispose()).TargetObject);

        WrittenFile Full() => new(new FileStream("/dev/full", FileMode.Open, FileAccess.Write), Target);

        WrittenFile WithOneByte()
        {
            var file = Full();
            file.WriteByte(1);
            return file;
        }
    }

    [Fact]
    public void A_file_that_can_not_be_read_belongs_to_nobody()
    {
        // As root everything can be read, but a folder is no file.
        Directory.CreateDirectory(Target);
        Assert.Null(ArtifactFile.OwnerOf(Target));
    }

    [Fact]
    public async Task One_error_tells_of_all_files_and_of_each_cause_once()
    {
        var files = new ArtifactSet();
        Assert.Equal("a", await files.TryAsync("a", () => Task.FromResult("a")));
        foreach (var path in new[] { "b", "c" })
            Assert.Null(await files.TryAsync(path, () => throw FileErrors.NotWritten(path, new IOException("No space left on device : 'x'", 28))));

        var error = files.Failure("run 1", 1, "Try again.")!;

        Assert.Equal(["a"], files.Written);
        Assert.Equal(("DiskFull", BackfillErrorKind.Storage, (object)1), (error.Code, error.Kind, error.TargetObject));
        Assert.Equal(
            "2 of 3 files of run 1 could not be written: 'b', 'c': No space left on device. The disk is full: free space there, or give a folder on another disk. Try again.",
            error.Message);
        Assert.Null(new ArtifactSet().Failure("run 1", 1, ""));
    }

    [Fact]
    public async Task Where_the_database_can_not_be_reached_the_rest_is_not_waited_for_and_named()
    {
        var files = new ArtifactSet();
        await files.TryAsync("a", () => throw FileErrors.NotWritten("a", new IOException("full", 28)));
        await files.TryAsync("b", () => throw new BackfillException("DatabaseUnreachable", BackfillErrorKind.Unreachable, "The database is gone."));
        await files.TryAsync("c", () => throw new InvalidOperationException("It was tried."));

        var error = files.Failure("run 1", 1, "")!;

        Assert.Equal("ArtifactsNotWritten", error.Code);
        Assert.Contains("'b': The database is gone. Not tried after that: 'c'.", error.Message, StringComparison.Ordinal);
    }

    private static Task<FileNotWrittenException> WriteAsync(string path) => Assert.ThrowsAsync<FileNotWrittenException>(
        () => ArtifactFile.WriteAsync(path, Guid.Empty, s => s.WriteAsync("x"u8.ToArray()).AsTask(), CancellationToken.None));
}
