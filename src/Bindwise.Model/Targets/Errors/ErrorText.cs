namespace Bindwise.Model.Targets.Errors;

/// <summary>A pasted error text: its cleaned lines, and what is asked of all of them.</summary>
internal sealed class ErrorText
{
    private ErrorText(List<string> lines) => Lines = lines;

    /// <summary>The lines that hold anything, without terminal sequences and escapes.</summary>
    public IReadOnlyList<string> Lines { get; }

    /// <summary>Cleans a text.</summary>
    public static ErrorText From(string text) => new(TextCleaner.Clean(text));

    /// <summary>Whether any line holds these words, in letters of any case.</summary>
    public bool Contains(string words) => LineWith(words) >= 0;

    /// <summary>The first line at or after a place that holds these words; -1 for none.</summary>
    /// <param name="words">The words, in letters of any case.</param>
    /// <param name="from">The first line to look at.</param>
    /// <param name="count">How many lines to look at.</param>
    public int LineWith(string words, int from = 0, int count = int.MaxValue)
    {
        var end = count > Lines.Count - from ? Lines.Count : from + count;
        for (var i = from; i < end; i++)
        {
            if (Lines[i].Contains(words, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        return -1;
    }

    /// <summary>The errno that a line names, else the next one after it, else the first of all; null for none.</summary>
    public string? ErrnoNear(int line)
    {
        for (var step = 0; step < Lines.Count; step++)
        {
            if (ErrnoWords.TryFind(Lines[(line + step) % Lines.Count], out var mention))
                return mention.Name;
        }
        return null;
    }
}
