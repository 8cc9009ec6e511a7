using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Rendering.Escaping;
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

/// <summary>The lab's pictures in the colours of the theme.</summary>
internal static class DrawnText
{
    /// <summary>
    /// The lines as every other answer has them. A picture's text is clean; it is escaped all the same, as all that is printed.
    /// </summary>
    public static ImmutableArray<TextLine> ToLines(ImmutableArray<DrawnLine> drawn)
    {
        var lines = ImmutableArray.CreateBuilder<TextLine>(drawn.Length);
        foreach (var line in drawn)
        {
            var spans = ImmutableArray.CreateBuilder<TextSpan>(line.Spans.Length);
            foreach (var span in line.Spans)
                spans.Add(new TextSpan(RoleOf(span.Tone), Escaper.Escape(span.Text)));
            lines.Add(new TextLine(spans.ToImmutable()));
        }
        return lines.ToImmutable();
    }

    private static TextRole RoleOf(Tone tone) => tone switch
    {
        Tone.Strong => TextRole.Name,
        Tone.Good or Tone.Open => TextRole.Free,
        Tone.Bad or Tone.Disturbed => TextRole.Blocked,
        Tone.Unknown or Tone.Waiting => TextRole.Undetermined,
        Tone.Rule => TextRole.Rule,
        Tone.Dim => TextRole.Dim,
        Tone.Listening or Tone.Opening or Tone.Lit => TextRole.Label,
        Tone.Closing => TextRole.Warning,
        _ => TextRole.Text,
    };
}
