using System.Management.Automation.Host;

namespace Backfill.Shell;

/// <summary>As much of a screen as formatting needs: its width.</summary>
internal sealed class ShellScreen : PSHostRawUserInterface
{
    private static readonly int WidthWithoutScreen =
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), out var columns) && columns > 0 ? columns : 120;
    private const int HeightWithoutScreen = 50;

    // The old Windows console prints escape sequences as they are, unless it is told otherwise.
    public static bool UnderstandsEscapes { get; } =
        Environment.GetEnvironmentVariable("TERM") is not "dumb"
        && (!OperatingSystem.IsWindows() || Environment.GetEnvironmentVariable("WT_SESSION") is not null);

    // A terminal may not tell its size.
    public static int Width => Console.WindowWidth > 0 ? Console.WindowWidth : WidthWithoutScreen;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;
    public override int CursorSize { get; set; } = 25;
    public override Coordinates CursorPosition { get; set; }
    public override Coordinates WindowPosition { get; set; }
    public override string WindowTitle { get; set; } = "";
    public override bool KeyAvailable => false;
    public override Size MaxPhysicalWindowSize => BufferSize;
    public override Size MaxWindowSize => BufferSize;

    public override Size WindowSize
    {
        get => BufferSize;
        set { }
    }

    public override Size BufferSize
    {
        get => Console.IsOutputRedirected
            ? new Size(WidthWithoutScreen, HeightWithoutScreen)
            : new Size(Width, Math.Max(1, Console.WindowHeight));
        set { }
    }

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw NoOneAtThePrompt.Error("for a key");

    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();

    public override void FlushInputBuffer()
    {
    }

    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents)
    {
    }

    public override void SetBufferContents(Rectangle rectangle, BufferCell fill)
    {
    }

    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill)
    {
    }
}
