using Bindwise.Lab.Drawing.Pictures;
using Bindwise.Rendering.Escaping;
using Spectre.Console;

namespace Bindwise.Cli.Output;

/// <summary>Lines of text to standard output, in colour where that is wanted.</summary>
internal static class TextOutput
{
    // One console of the colour library for so many.
    private const int LinesAtOnce = 256;

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

    /// <summary>Writes lines of which there may be millions while they are made, until nobody reads them any more.</summary>
    public static void Write(AnswerStream output, IEnumerable<TextLine> lines, bool isColoured)
    {
        using var blocks = new AnswerBlocks(output);
        foreach (var some in lines.Chunk(LinesAtOnce).TakeWhile(_ => output.IsOpen))
        {
            if (isColoured)
            {
                blocks.Write(ColourTheme.Format(some));
                continue;
            }
            foreach (var line in some)
            {
                foreach (var span in line.Spans)
                    blocks.Write(span.Text);
                blocks.Write("\n"u8);
            }
        }
    }
}

/// <summary>The lab's pictures in the colours of the theme.</summary>
internal static class DrawnText
{
    /// <summary>
    /// The lines as every other answer has them. A picture's text is clean; it is escaped all the same, as all that is printed.
    /// </summary>
    public static ImmutableArray<TextLine> ToLines(ImmutableArray<DrawnLine> drawn) => [.. drawn.Select(static line =>
        new TextLine([.. line.Spans.Select(static span => new TextSpan(RoleOf(span.Tone), Escaper.Escape(span.Text)))]))];

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

/// <summary>
/// The one theme: which colour each role has on a terminal. The sixteen colours that every terminal lets its user choose.
/// </summary>
internal static class ColourTheme
{
    public static string Format(IEnumerable<TextLine> lines)
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.Yes,
            ColorSystem = ColorSystemSupport.Standard,
            Interactive = InteractionSupport.No,
            Out = new TextBuffer(writer),
        });
        foreach (var line in lines)
        {
            foreach (var span in line.Spans)
                console.Write(new Spectre.Console.Text(span.Text, StyleOf(span.Role)));
            writer.WriteLine();
        }
        return writer.ToString();
    }

    private static Style StyleOf(TextRole role) => role switch
    {
        TextRole.Free => new Style(Color.Green, decoration: Decoration.Bold),
        TextRole.Blocked => new Style(Color.Red, decoration: Decoration.Bold),
        TextRole.Undetermined => new Style(Color.Olive, decoration: Decoration.Bold),
        TextRole.Label => new Style(Color.Teal),
        TextRole.Rule or TextRole.Dim => new Style(decoration: Decoration.Dim),
        TextRole.Name => new Style(decoration: Decoration.Bold),
        TextRole.Command => new Style(Color.Green),
        TextRole.Warning => new Style(Color.Olive),
        TextRole.Selected => new Style(decoration: Decoration.Invert),
        _ => Style.Plain,
    };

    // The library's own output asks System.Console, which writes escape codes into the terminal as it sets it up.
    private sealed class TextBuffer(StringWriter writer) : IAnsiConsoleOutput
    {
        public TextWriter Writer => writer;
        public bool IsTerminal => true;

        // The lines are laid out already and must not be wrapped again.
        public int Width => 1_000_000;

        public int Height => 1;

        public void SetEncoding(Encoding encoding)
        {
            // Text stays text here; the answer's stream makes UTF-8 of it.
        }
    }
}
