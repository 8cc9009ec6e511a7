using Bindwise.Model.Text;

namespace Bindwise.Lab.Drawing.Pictures;

/// <summary>
/// Text as it may stand in a picture. Only characters whose width is the same on every terminal stay: one cell for those below U+1100 and a
/// few signs of our own, two for East Asian ones (Unicode's EastAsianWidth.txt: W). Anything else, and what cannot be seen, becomes a
/// question mark.
/// </summary>
internal static class Cells
{
    /// <summary>What stands for text that was cut off.</summary>
    public const char Cut = '…';

    private const int MostChars = 4_000;
    private const char Foreign = '?';

    /// <summary>Text without anything that a terminal or a picture could stumble over; one line.</summary>
    public static string Clean(string? text)
    {
        if (string.IsNullOrEmpty(text))
            return "";
        if (text.Length <= MostChars && !text.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            return text;
        var clean = new StringBuilder(Math.Min(text.Length, MostChars));
        foreach (var rune in text.EnumerateRunes())
        {
            if (clean.Length >= MostChars)
                return clean.Append(Cut).ToString();
            _ = MayStand(rune) ? clean.Append(rune.ToString()) : clean.Append(Foreign);
        }
        return clean.ToString();
    }

    /// <summary>The text where it fits, else its beginning and a mark; nothing where there is no cell for it.</summary>
    public static string Fit(string text, int most)
    {
        if (CellWidth.Of(text) <= most)
            return text;
        return most <= 0 ? "" : text[..CellWidth.FittingChars(text, most - 1)] + Cut;
    }

    /// <summary>Breaks a clean text into lines, at its spaces where it can; a word that is longer than a line is broken.</summary>
    /// <param name="most">The cells of a line, at least 2.</param>
    /// <param name="hang">By how many cells the later lines are shorter, so that they can be indented.</param>
    public static IReadOnlyList<string> Wrap(string text, int most, int hang = 0)
    {
        most = Math.Max(2, most);
        hang = Math.Clamp(hang, 0, most - 2);
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var lines = WordWrap.Fill([.. words.Select(LineWord.Of)], most, most - hang, breaksWords: true);
        return [.. lines.Select(line => string.Join(' ', line.Select(part => words[part.Word].Substring(part.Start, part.Length))))];
    }

    // Emoji are wide by Unicode, but not in every terminal and font that a picture may meet; marks and
    // joined letters depend on what is before them.
    private static bool MayStand(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => true,
        Cut or '→' or '·' => true,
        < 0x1100 => IsVisible(rune),
        >= 0x2e80 and <= 0x303e or >= 0x3041 and <= 0xa4cf or >= 0xac00 and <= 0xd7a3 or >= 0xf900 and <= 0xfaff
            or >= 0x20000 and <= 0x3fffd => IsVisible(rune),
        _ => false,
    };

    private static bool IsVisible(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.SpaceSeparator);
}

/// <param name="Column">From 0 at the left.</param>
/// <param name="Row">From 0 at the top.</param>
internal readonly record struct Cell(int Column, int Row);

internal sealed class TextCanvas(int columns, int rows, bool ascii)
{
    // What a wide character's second cell holds.
    private const string Covered = "";

    private readonly string?[] _signs = new string?[columns * rows];
    private readonly Tone[] _tones = new Tone[columns * rows];

    // Four arms a cell: up, right, down, left, two bits each.
    private readonly byte[] _arms = new byte[columns * rows];

    /// <summary>Nothing but ASCII is written.</summary>
    public bool IsAscii { get; } = ascii;

    /// <summary>One character of one cell; nothing where the cell lies outside.</summary>
    public void Put(int column, int row, char sign, Tone tone) => Put(column, row, sign.ToString(), tone);

    public void PutWhereFree(int column, int row, char sign, Tone tone)
    {
        if (column >= 0 && column < columns && row >= 0 && row < rows && _signs[(row * columns) + column] is null)
            Put(column, row, sign, tone);
    }

    public void Write(int column, int row, string text, Tone tone)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            var cells = CellWidth.Of(rune);
            var sign = IsAscii ? ToAscii(rune) : rune.ToString();
            Put(column, row, sign, tone);
            if (cells == 2)
                Put(column + 1, row, IsAscii ? sign : Covered, tone);
            column += cells;
        }
    }

    public void Line(ImmutableArray<Cell> points, Tone tone, bool isHeavy)
    {
        for (var index = 1; index < points.Length; index++)
        {
            var (at, to) = (points[index - 1], points[index]);
            while (at != to)
            {
                var (across, down) = (Math.Sign(to.Column - at.Column), Math.Sign(to.Row - at.Row));
                Arm(at, across, down, tone, isHeavy);
                at = new Cell(at.Column + across, at.Row + down);
                Arm(at, -across, -down, tone, isHeavy);
            }
        }
    }

    public ImmutableArray<DrawnLine> Lines()
    {
        var lines = ImmutableArray.CreateBuilder<DrawnLine>(rows);
        for (var row = 0; row < rows; row++)
            lines.Add(LineOf(row));
        return lines.ToImmutable();
    }

    private void Put(int column, int row, string sign, Tone tone)
    {
        if (column < 0 || column >= columns || row < 0 || row >= rows)
            return;
        _signs[(row * columns) + column] = sign;
        _tones[(row * columns) + column] = tone;
    }

    private void Arm(Cell at, int across, int down, Tone tone, bool isHeavy)
    {
        if (at.Column < 0 || at.Column >= columns || at.Row < 0 || at.Row >= rows)
            return;
        var index = (at.Row * columns) + at.Column;
        var shift = (across, down) switch { (0, < 0) => 6, ( > 0, _) => 4, (0, _) => 2, _ => 0 };
        var weight = Math.Max((_arms[index] >> shift) & 3, isHeavy ? 2 : 1);
        _arms[index] = (byte)((_arms[index] & ~(3 << shift)) | (weight << shift));
        if (isHeavy || _signs[index] is null)
            _tones[index] = tone;
    }

    private DrawnLine LineOf(int row)
    {
        var spans = ImmutableArray.CreateBuilder<DrawnSpan>();
        var text = new StringBuilder();
        var tone = Tone.Plain;
        var last = columns - 1;
        while (last >= 0 && IsBlank((row * columns) + last))
            last--;
        for (var column = 0; column <= last; column++)
        {
            var index = (row * columns) + column;
            var sign = SignOf(index);
            // A blank has no colour: it goes with what stands before it.
            if (_tones[index] != tone && sign != " " && text.Length > 0)
            {
                spans.Add(new DrawnSpan(tone, text.ToString()));
                text.Clear();
            }
            if (sign != " ")
                tone = _tones[index];
            else if (text.Length == 0)
                tone = Tone.Plain;
            text.Append(sign);
        }
        if (text.Length > 0)
            spans.Add(new DrawnSpan(tone, text.ToString()));
        return new DrawnLine(spans.ToImmutable());
    }

    private bool IsBlank(int index) => SignOf(index) == " ";

    private string SignOf(int index)
    {
        if (_signs[index] is { } sign)
            return sign;
        var arm = _arms[index];
        return arm == 0 ? " " : LineSigns.Of(arm >> 6, (arm >> 4) & 3, (arm >> 2) & 3, arm & 3, IsAscii).ToString();
    }

    private static string ToAscii(Rune rune) => rune.Value switch
    {
        >= ' ' and <= '~' => rune.ToString(),
        Cells.Cut => "~",
        '→' => ">",
        '·' => "-",
        _ => "?",
    };
}

/// <summary>
/// The character for a cell that lines leave to up, right, down and left: 0 for no line, 1 for a light one, 2 for a heavy one.
/// </summary>
internal static class LineSigns
{
    // By the arms in base 3, up most significant: Unicode's box drawing characters, U+2500 to U+257F, have one for every combination.
    private const string Unicode = " ╴╸╷┐┑╻┒┓╶─╾┌┬┭┎┰┱╺╼━┍┮┯┏┲┳╵┘┙│┤┥╽┧┪└┴┵├┼┽┟╁╅┕┶┷┝┾┿┢╆╈╹┚┛╿┦┩┃┨┫┖┸┹┞╀╃┠╂╉┗┺┻┡╄╇┣╊╋";

    public static char Of(int up, int right, int down, int left, bool ascii)
    {
        if (!ascii)
            return Unicode[(27 * up) + (9 * right) + (3 * down) + left];
        var across = Math.Max(right, left);
        var along = Math.Max(up, down);
        return (across, along) switch
        {
            (0, 0) => ' ',
            (1, 0) => '-',
            (2, 0) => '=',
            (0, 1) => '|',
            (0, 2) => '#',
            _ => '+',
        };
    }
}
