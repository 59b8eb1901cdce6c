using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace Backfill.Engine.Reports.Html;

/// <summary>The frame of the report: the skeleton, its style and its script, and the policy that allows just these.</summary>
internal static class HtmlPage
{
    public static readonly string Style = Read("report.css");

    public static readonly string Script = Read("report.js");

    private const string Content = "{{content}}";

    /// <summary>Nothing is loaded from anywhere, nothing is sent, and no style and no script but these two is taken.</summary>
    public static readonly string Policy =
        $"default-src 'none'; style-src '{HashOf(Style)}'; script-src '{HashOf(Script)}'; base-uri 'none'; form-action 'none'";

    /// <summary>Everything before the content.</summary>
    public static void WriteHead(HtmlWriter html, Guid runId, string title)
    {
        var head = Parts()[0];
        html.WriteTrusted(head[..head.IndexOf("{{head}}", StringComparison.Ordinal)]);
        html.Write($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">")
            .Write($"<!-- run_id: {runId} -->")
            .Write($"<title>{title}</title>");
        html.WriteTrusted(head[(head.IndexOf("{{head}}", StringComparison.Ordinal) + "{{head}}".Length)..].TrimStart('\n'));
    }

    /// <summary>Everything after it.</summary>
    public static void WriteTail(HtmlWriter html) => html.WriteTrusted(Parts()[1].TrimStart('\n'));

    public static string HashOf(string text) => $"sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string[] Parts() => Read("report.html")
        .Replace("{{style}}", Style, StringComparison.Ordinal)
        .Replace("{{script}}", Script, StringComparison.Ordinal)
        .Split(Content);

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Reports/Html/{name}")
            ?? throw new InvalidOperationException($"{name} is not embedded.");
        using var reader = new StreamReader(stream);
        // A parser reads every line end as a line feed, and it is what the parser reads that must have the hash.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
