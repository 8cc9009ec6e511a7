using System.Collections.Immutable;
using System.Text;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Output;

/// <summary>Lines of text to standard output, in colour where that is wanted.</summary>
internal static class TextOutput
{
    /// <summary>The lines as they are written. The colour library is not touched, nor loaded, for a plain pipe.</summary>
    public static string Format(ImmutableArray<TextLine> lines, bool isColoured)
    {
        if (isColoured)
            return ColourTheme.Format(lines);
        var text = new StringBuilder();
        foreach (var line in lines)
        {
            foreach (var span in line.Spans)
                text.Append(span.Text);
            text.Append('\n');
        }
        return text.ToString();
    }
}
