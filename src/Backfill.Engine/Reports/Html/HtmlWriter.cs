using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Backfill.Engine.Reports.Html;

/// <summary>Writes HTML to a stream. What stands in a literal is markup; whatever is put into its holes is text.</summary>
/// <remarks>There is no way to write a string as markup: text from the target can't become it by an oversight.</remarks>
internal sealed class HtmlWriter(Stream stream) : IAsyncDisposable
{
    /// <summary>So much of a text that somebody else wrote goes into a page.</summary>
    public const int LongestText = 20_000;

    private const int FlushAt = 64 * 1024;

    private readonly StringBuilder _pending = new();

    /// <summary>Bytes written, those that wait included as far as they are known.</summary>
    public long Length { get; private set; }

    /// <summary>Writes markup with text in its holes.</summary>
    public HtmlWriter Write([InterpolatedStringHandlerArgument("")] ref Markup markup)
    {
        markup.Writer._pending.Append('\n');
        return this;
    }

    /// <summary>Writes a text that is markup already: this program's own resources, and charts that it has taken apart.</summary>
    public void WriteTrusted(string html) => _pending.Append(html);

    /// <summary>Keeps memory flat while a long list is written.</summary>
    public Task FlushIfLargeAsync(CancellationToken cancellationToken) =>
        _pending.Length > FlushAt ? FlushAsync(cancellationToken) : Task.CompletedTask;

    public async Task FlushAsync(CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(_pending.ToString());
        _pending.Clear();
        Length += bytes.Length;
        await stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync() => await FlushAsync(CancellationToken.None).ConfigureAwait(false);

    /// <summary>Markup as the compiler takes it apart.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
#pragma warning disable IDE0060 // The compiler gives both lengths.
        public Markup(int literalLength, int holes, HtmlWriter writer) => Writer = writer;
#pragma warning restore IDE0060

        internal HtmlWriter Writer { get; }

        public void AppendLiteral(string markup) => Writer._pending.Append(markup);

        /// <summary>A word of this program's own.</summary>
        public void AppendFormatted(string? text) => HtmlEncoding.Append(Writer._pending, text);

        /// <summary>A text of somebody else's; nothing is written for none.</summary>
        public void AppendFormatted(Foreign text)
        {
            if (text.Text is null)
            {
                Writer._pending.Append('–');
                return;
            }

            // Whatever marks of direction are in it, they end with it.
            Writer._pending.Append("<bdi>");
            HtmlEncoding.Append(Writer._pending, text.Text.AsSpan(0, Math.Min(text.Text.Length, LongestText)));
            Writer._pending.Append("</bdi>");
            if (text.Text.Length > LongestText)
                Writer._pending.Append(CultureInfo.InvariantCulture, $"… (cut after {LongestText} of {text.Text.Length} characters)");
        }

        public void AppendFormatted(DateTimeOffset? time)
        {
            if (time is not { } known)
            {
                Writer._pending.Append('–');
                return;
            }

            Writer._pending.Append(
                CultureInfo.InvariantCulture,
                // A narrow column may part them, and nothing else of it.
                $"<time datetime=\"{known.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'}\"><span>{known.UtcDateTime:yyyy-MM-dd}</span> <span>{known.UtcDateTime:HH:mm:ss'Z'}</span></time>");
        }

        public void AppendFormatted(DateTimeOffset time) => AppendFormatted((DateTimeOffset?)time);

        public void AppendFormatted<T>(T value)
            where T : struct => HtmlEncoding.Append(Writer._pending, Convert.ToString(value, CultureInfo.InvariantCulture));

        public void AppendFormatted<T>(T value, string format)
            where T : struct, IFormattable => HtmlEncoding.Append(Writer._pending, value.ToString(format, CultureInfo.InvariantCulture));
    }
}

/// <summary>A text that somebody else wrote: the target, a plan, an operator.</summary>
/// <param name="Text">The text; null for none, shown as a dash.</param>
internal readonly record struct Foreign(string? Text);
