using Bindwise.Rendering.Text;
using Spectre.Console;

namespace Bindwise.Cli.Output;

/// <summary>
/// The one theme: which colour each role has on a terminal. The sixteen colours that every terminal lets its user choose.
/// </summary>
internal static class ColourTheme
{
    public static string Format(ImmutableArray<TextLine> lines)
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
