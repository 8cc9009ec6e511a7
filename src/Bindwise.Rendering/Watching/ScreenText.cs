using Bindwise.Model.Text;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Watching;

/// <summary>Makes lines fit the screen, whatever it shows.</summary>
internal static class ScreenText
{
    /// <summary>The line in at most so many columns, in ASCII where the terminal shows nothing else.</summary>
    public static TextLine Fit(TextLine line, int columns, bool isUnicode)
    {
        var spans = ImmutableArray.CreateBuilder<TextSpan>(line.Spans.Length);
        var room = columns;
        foreach (var span in line.Spans)
        {
            var text = isUnicode ? span.Text : ToAscii(span.Text);
            var cells = CellWidth.Of(text);
            if (cells > room)
            {
                text = Cut(text, room, isUnicode);
                cells = CellWidth.Of(text);
                room = cells;
            }
            if (text.Length > 0)
                spans.Add(span with { Text = text });
            room -= cells;
            if (room <= 0)
                break;
        }
        return new TextLine(spans.ToImmutable());
    }

    /// <summary>The text in exactly so many columns.</summary>
    public static string Pad(string text, int columns, bool isRight = false)
    {
        var cell = CellWidth.Of(text) <= columns ? text : Cut(text, columns, isUnicode: true);
        var padding = new string(' ', Math.Max(0, columns - CellWidth.Of(cell)));
        return isRight ? padding + cell : cell + padding;
    }

    private static string Cut(string text, int columns, bool isUnicode) => columns <= 0 ? ""
        : text[..CellWidth.FittingChars(text, columns - 1)] + (isUnicode ? "…" : "~");

    private static string ToAscii(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var ascii = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
            ascii.Append(rune.IsAscii ? (char)rune.Value : Plain(rune), rune.IsAscii ? 1 : CellWidth.Of(rune.ToString()));
        return ascii.ToString();
    }

    private static char Plain(Rune rune) => rune.Value switch
    {
        '│' => '|',
        '─' => '-',
        '┌' or '┐' or '└' or '┘' or '┬' or '┴' or '┼' or '├' or '┤' => '+',
        '▼' => 'v',
        '▲' => '^',
        '►' => '>',
        '◄' => '<',
        '█' => '#',
        '×' => 'x',
        '…' => '~',
        _ => '?',
    };
}
