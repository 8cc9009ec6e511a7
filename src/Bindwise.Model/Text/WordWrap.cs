namespace Bindwise.Model.Text;

/// <summary>Breaks a paragraph into lines at its spaces, each line as full as it can be.</summary>
internal static class WordWrap
{
    /// <summary>Breaks words into lines, each filled before the next begins.</summary>
    /// <param name="breaksWords">A word that is longer than a line is broken, for lines of at least 2
    /// columns; else it stands alone and sticks out.</param>
    /// <returns>The lines; one that is empty for no words.</returns>
    public static IEnumerable<IReadOnlyList<LinePart>> Fill(IReadOnlyList<LineWord> words, int first, int others, bool breaksWords = false)
    {
        var line = new List<LinePart>();
        var (cells, room) = (0, first);
        for (var index = 0; index < words.Count; index++)
        {
            var word = words[index];
            if (line.Count > 0 && cells + word.Gap + (word.Together <= others ? word.Together : word.Cells) > room)
            {
                yield return line;
                (line, cells, room) = ([], 0, others);
            }
            if (line.Count > 0)
                cells += word.Gap;
            var start = 0;
            for (; breaksWords && cells + CellWidth.Of(word.Text.AsSpan(start)) > room; (line, cells, room) = ([], 0, others))
            {
                var end = start + CellWidth.FittingChars(word.Text.AsSpan(start), room - cells);
                if (end == start)
                    break;
                line.Add(new LinePart(index, start, end - start));
                start = end;
                yield return line;
            }
            line.Add(new LinePart(index, start, word.Text.Length - start));
            cells += start == 0 ? word.Cells : CellWidth.Of(word.Text.AsSpan(start));
        }
        yield return line;
    }
}

/// <summary>A word of a paragraph that is broken into lines.</summary>
/// <param name="Gap">The blanks before it; a line begins without.</param>
/// <param name="Together">Its columns and those of the words that are to stand in the same line, where one can hold them; at least
/// <paramref name="Cells"/>.</param>
internal readonly record struct LineWord(string Text, int Gap, int Cells, int Together)
{
    /// <summary>A word with one blank before it, which belongs to no other.</summary>
    public static LineWord Of(string text) => CellWidth.Of(text) is var cells ? new LineWord(text, 1, cells, cells) : default;
}

internal readonly record struct LinePart(int Word, int Start, int Length);
