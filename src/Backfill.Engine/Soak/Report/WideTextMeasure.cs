using OxyPlot;

namespace Backfill.Engine.Soak.Report;

/// <summary>Leaves room for text: where Arial is not installed, its stand-ins are up to a third wider.</summary>
internal sealed class WideTextMeasure(double width, double height) : PdfRenderContext(width, height, OxyColors.White)
{
    public override OxySize MeasureText(string text, string fontFamily, double fontSize, double fontWeight)
    {
        var size = base.MeasureText(text, fontFamily, fontSize, fontWeight);
        return new(size.Width * 1.35, size.Height);
    }
}
