using System.Globalization;

namespace Bindwise.Tests.Tables;

/// <summary>
/// The tables of scenarios/rules/. The tests of the model and those against the kernel read the same ones.
/// A <c>.rows</c> file has a row a line: <c>rule | source | steps</c>, where <c>not BW004</c> marks a neighbour, and a fourth column
/// may tell the closing states. A line that starts with a blank goes on with the row before. A <c>.grid</c> file tells what happens when
/// the socket of a column meets those of a row: <c>04</c> is success by BW004, <c>!04</c> EADDRINUSE by it.
/// </summary>
internal static class RuleTables
{
    /// <summary>All rows of all files of the repository that the tests were built in, in order.</summary>
    public static IReadOnlyList<TableRow> Read() => In(FolderOf("rules"));

    /// <summary>The lines of a file of a folder of scenarios/ that say something, with their numbers.</summary>
    public static IEnumerable<(int Number, string Text)> LinesOf(string folder, string file) => Lines(Path.Combine(FolderOf(folder), file));

    private static string FolderOf(string name) => Repository.File("scenarios/" + name);

    private static IReadOnlyList<TableRow> In(string folder) =>
    [
        .. Directory.GetFiles(folder, "*.rows").Order(StringComparer.Ordinal).SelectMany(static file => Rows(Path.GetFileName(file), Lines(file))),
        .. Directory.GetFiles(folder, "*.grid").Order(StringComparer.Ordinal).SelectMany(static file => Grid(Path.GetFileName(file), Lines(file))),
    ];

    private static IEnumerable<TableRow> Rows(string file, IEnumerable<(int Number, string Text)> lines)
    {
        foreach (var (number, text) in Joined(lines))
        {
            var cells = Cells(text);
            if (cells.Length is not (3 or 4))
                throw new FormatException($"{file}:{number}: a row is: rule | source | steps");
            var words = cells[0].Split(' ');
            yield return new TableRow($"{file}:{number}", words[^1], words.Length == 1, cells[1], cells[2], cells.Length == 4 ? cells[3] : null);
        }
    }

    /// <summary>The first row holds the asking sockets, after the words that all of them start with; each further one starts with what stands there already.</summary>
    private static IEnumerable<TableRow> Grid(string file, IEnumerable<(int Number, string Text)> lines)
    {
        var (source, start) = ("", "");
        string[] asking = [];
        foreach (var (number, text) in lines)
        {
            var cells = Cells(text);
            if (cells[0] == "source")
            {
                source = cells[1];
            }
            else if (cells[0].StartsWith("new = ", StringComparison.Ordinal))
            {
                (start, asking) = (cells[0], cells[1..]);
            }
            else
            {
                if (cells.Length != asking.Length + 1)
                    throw new FormatException($"{file}:{number}: {cells.Length - 1} cells below {asking.Length} columns");
                for (var column = 0; column < asking.Length; column++)
                    yield return Cell($"{file}:{number}:{column + 1}", source, $"{cells[0]}; {start} {asking[column]}", cells[column + 1]);
            }
        }
    }

    private static TableRow Cell(string at, string source, string steps, string cell)
    {
        var rule = string.Create(CultureInfo.InvariantCulture, $"BW{int.Parse(cell.TrimStart('!'), CultureInfo.InvariantCulture):000}");
        return new TableRow(at, rule, true, source, $"{steps} -> {(cell[0] == '!' ? "EADDRINUSE" : "ok")} {rule}");
    }

    private static IEnumerable<(int Number, string Text)> Joined(IEnumerable<(int Number, string Text)> lines)
    {
        (int Number, string Text)? row = null;
        foreach (var line in lines)
        {
            if (line.Text[0] == ' ' && row is { } begun)
            {
                row = (begun.Number, begun.Text + line.Text);
                continue;
            }
            if (row is { } whole)
                yield return whole;
            row = line;
        }
        if (row is { } last)
            yield return last;
    }

    private static string[] Cells(string line) => line.Split('|', StringSplitOptions.TrimEntries);

    /// <summary>The lines that say something, with their numbers.</summary>
    private static IEnumerable<(int Number, string Text)> Lines(string file) => File.ReadLines(file)
        .Select(static (text, index) => (Number: index + 1, Text: text))
        .Where(static line => line.Text.Length > 0 && line.Text[0] != '#');
}
