using Bindwise.Model.Text;

namespace Bindwise.Rendering.Text;

/// <summary>
/// Breaks a paragraph into lines at its spaces, but not between <c>pid</c> and its number. A word that is too long stands unbroken: it can
/// still be copied.
/// </summary>
internal static class Wrapping
{
    /// <param name="width">Columns for the first line; null for one line.</param>
    /// <param name="hang">Columns by which the later lines are shorter.</param>
    public static IEnumerable<ImmutableArray<TextSpan>> Break(IReadOnlyList<TextSpan> spans, int? width, int hang)
    {
        if (width is null)
        {
            var whole = new List<TextSpan>();
            foreach (var span in spans)
                Append(whole, span);
            yield return [.. whole];
            yield break;
        }
        var words = Words(spans).ToList();
        var filled = words.Select((word, index) => new LineWord(word.Text, word.Gap, word.Cells, CellsTogether(words, index))).ToList();
        foreach (var parts in WordWrap.Fill(filled, width.Value, width.Value - hang))
        {
            var line = new List<TextSpan>();
            foreach (var part in parts)
            {
                var word = words[part.Word];
                if (line.Count > 0 && word.Gap > 0)
                    Append(line, new TextSpan(line[^1].Role == word.Pieces[0].Role ? line[^1].Role : TextRole.Text,
                        new string(' ', word.Gap)));
                foreach (var piece in word.Pieces)
                    Append(line, piece);
            }
            yield return [.. line];
        }
    }

    /// <summary>
    /// The columns of a word and of those that belong to it: <c>(pid 7)</c>, <c>(2 h ago)</c>, <c>bindwise explain listener</c>.
    /// </summary>
    private static int CellsTogether(List<Word> words, int first)
    {
        var cells = words[first].Cells;
        for (var i = first; i + 1 < words.Count && IsTied(words[i].Text, words[i + 1].Text); i++)
            cells += words[i + 1].Gap + words[i + 1].Cells;
        return cells;
    }

    private static bool IsTied(string word, string next) =>
        word is "pid" or "(pid" or "pids" or "(pids" or "(in" or "(git" or "uid" or "user" or "since" or "sudo" or "bindwise" or "explain"
        || next.StartsWith("ago)", StringComparison.Ordinal)
        || (next is "h" or "min" or "s" or "days" && char.IsAsciiDigit(word[^1]));

    private static void Append(List<TextSpan> line, TextSpan piece)
    {
        if (line.Count > 0 && line[^1].Role == piece.Role)
            line[^1] = piece with { Text = line[^1].Text + piece.Text };
        else
            line.Add(piece);
    }

    // A word may run through several spans: "(" + name + ")".
    private static IEnumerable<Word> Words(IReadOnlyList<TextSpan> spans)
    {
        var gap = 0;
        var pieces = new List<TextSpan>();
        foreach (var span in spans)
        {
            for (var at = 0; at < span.Text.Length;)
            {
                var space = span.Text.IndexOf(' ', at);
                var end = space < 0 ? span.Text.Length : space;
                if (end > at)
                    pieces.Add(span with { Text = span.Text[at..end] });
                if (space < 0)
                    break;
                if (pieces.Count > 0)
                {
                    yield return new Word(gap, pieces);
                    pieces = [];
                    gap = 0;
                }
                gap++;
                at = space + 1;
            }
        }
        if (pieces.Count > 0)
            yield return new Word(gap, pieces);
    }

    private sealed record Word(int Gap, List<TextSpan> Pieces)
    {
        public int Cells { get; } = Pieces.Sum(piece => CellWidth.Of(piece.Text));
        public string Text { get; } = Pieces is [var only] ? only.Text : string.Concat(Pieces.Select(static piece => piece.Text));
    }
}
