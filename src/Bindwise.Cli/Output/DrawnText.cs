using System.Collections.Immutable;
using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Text;

namespace Bindwise.Cli.Output;

/// <summary>The lab's pictures in the colours of the theme.</summary>
internal static class DrawnText
{
    /// <summary>The lines as every other answer has them. A picture's text is clean; it is escaped all the same, as all that is printed.</summary>
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
