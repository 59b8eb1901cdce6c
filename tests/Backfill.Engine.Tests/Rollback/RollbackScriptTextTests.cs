using System.Text;
using System.Text.RegularExpressions;
using Backfill.Engine.Rollback.Script;
using Backfill.Engine.Tests.Apply;

namespace Backfill.Engine.Tests.Rollback;

/// <summary>What a script is as a file.</summary>
[Collection(ScriptCollection.Name)]
public sealed partial class RollbackScriptTextTests(RunWorld world)
{
    [Fact]
    public async Task It_is_utf8_without_a_mark_its_lines_end_in_a_line_feed_and_every_image_is_one_line()
    {
        var (path, run) = await ScriptAsync(6, "E'a\\nb\\r\\nc\\u2028d\\u0085'");
        var bytes = await File.ReadAllBytesAsync(path);
        var text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);

        Assert.Equal((byte)'-', bytes[0]);
        Assert.DoesNotContain(text, c => c is '\r' or '\t' or '\u0085' or '\u2028' or '\u2029');
        Assert.Equal(await world.ScalarAsync<long>("select count(*) from backfill.image where run_id = $1", run), Image().Count(text));
    }

    [Fact]
    public async Task It_holds_the_rows_that_it_would_put_back_and_of_others_a_hash()
    {
        await world.FreshAsync();
        var (done, left) = (world.WithBoth[0], world.WithBoth[1]);
        await world.ExecuteAsync("update public.profiles set overlay = 'of ' || session_id where session_id in ($1, $2)", done, left);
        var plan = ApplyWorld.Plan(
            $"\"sessions\": [\"{done}\", \"{left}\"]", """{"function": "score_prism", "params": {"engine_version": "v1.2.1"}}""");
        await world.SetAsync(new Sandbox.SandboxFault(Sandbox.SandboxFaultKind.NoWrite) { SessionIds = [left] });
        var run = (await world.ApplyAsync(plan)).Run;

        var text = await File.ReadAllTextAsync(await world.ScriptAsync(run.RunId));

        Assert.Contains($"of {done}", text, StringComparison.Ordinal);
        Assert.DoesNotContain($"of {left}", text, StringComparison.Ordinal);
        Assert.Contains(await world.ScalarAsync<string>(
            "select encode(after_sha256, 'hex') from backfill.image where run_id = $1 and session_id = $2 and table_name = 'public.profiles'", run.RunId, left), text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_has_no_meta_command_and_no_copy_and_leaves_no_function()
    {
        var (path, _) = await ScriptAsync(6, "'x'");
        var lines = await File.ReadAllLinesAsync(path);

        Assert.DoesNotContain(lines, l => l.StartsWith('\\'));
        Assert.DoesNotContain(lines, l => l.StartsWith("copy", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(lines, l => l.Contains("create function", StringComparison.OrdinalIgnoreCase));
        Assert.Single(lines, l => l == RollbackScripts.Stop);
        Assert.DoesNotContain(lines, l => l.Contains("{{", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_head_names_run_plan_target_and_counts()
    {
        var (path, run) = await ScriptAsync(6, "'x'");
        var head = (await File.ReadAllTextAsync(path))[..4096];

        Assert.Contains($"-- run_id: {run}\n", head, StringComparison.Ordinal);
        Assert.Contains(await world.ScalarAsync<string>("select plan_sha256 from backfill.run where run_id = $1", run), head, StringComparison.Ordinal);
        Assert.Contains($"Target       staging, project {world.Sandbox.Info.ProjectRef}, database postgres", head, StringComparison.Ordinal);
        Assert.Contains("Triggers     none that writes elsewhere", head, StringComparison.Ordinal);
        Assert.Contains("PERSONAL DATA", head, StringComparison.Ordinal);
        Assert.Matches(@"--   public\.profiles +2 +4 +0\n", head);
        Assert.DoesNotContain("127.0.0.1", head, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, "'x'", "Supabase's SQL editor takes it")]
    [InlineData(6, "repeat('x', 1000000)", "FOR PSQL ONLY")]
    public async Task It_says_whether_the_editor_takes_it(int sessions, string overlay, string said)
    {
        var (path, _) = await ScriptAsync(sessions, overlay);
        var size = FormattableString.Invariant($"-- Size         {new FileInfo(path).Length:N0} bytes: ");

        var line = (await File.ReadAllLinesAsync(path)).Single(l => l.StartsWith("-- Size", StringComparison.Ordinal));

        Assert.StartsWith(size + said, line.Replace("Supabase's SQL editor takes less", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("it's \\n", "'it''s \\n'")]
    [InlineData("a\nb", "E'a\\nb'")]
    [InlineData("a\r\n\t\\'\u007f\u0001é😀", "E'a\\r\\n\\t\\\\''\\x7f\\x01é😀'")]
    [InlineData("\u2028\u2029\u0085\u00a0\u2027", "E'\\u2028\\u2029\\u0085\u00a0\u2027'")]
    [InlineData("", "''")]
    public async Task A_literal_is_one_line_and_the_same_text_for_the_server(string text, string literal)
    {
        var stream = new MemoryStream();
        var sql = new SqlWriter(stream);
        await sql.Literal(text).FlushAsync(CancellationToken.None);
        var written = Encoding.UTF8.GetString(stream.ToArray());

        Assert.Equal(literal, written);
        Assert.Equal(text, await world.ScalarAsync<string>($"select {written}"));
    }

    private async Task<(string Path, Guid Run)> ScriptAsync(int sessions, string overlay)
    {
        await world.FreshAsync();
        await world.ExecuteAsync($"update public.profiles set overlay = {overlay} where session_id = any ($1)", world.Mixed(sessions).ToArray());
        var run = (await world.ApplyAsync(ApplyWorld.PlanOf([.. world.Mixed(sessions)]))).Run;
        return (await world.ScriptAsync(run.RunId), run.RunId);
    }

    [GeneratedRegex("^\\(\\d+,'[0-9a-f-]{36}','.*\\)[,;]?$", RegexOptions.Multiline)]
    private static partial Regex Image();
}
