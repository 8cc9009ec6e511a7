namespace Bindwise.Model.Scenarios.Words;

/// <summary>Guesses which known word was meant.</summary>
internal static class Nearest
{
    private const int MaxWordChars = 64;

    /// <summary>The known word that differs least, in a few letters at most; null when none is near.</summary>
    public static string? To(string word, IEnumerable<string> known)
    {
        if (word.Length is 0 or > MaxWordChars)
            return null;
        string? nearest = null;
        var least = Math.Max(1, word.Length / 3) + 1;
        foreach (var candidate in known)
        {
            var distance = Distance(word.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < least)
                (nearest, least) = (candidate, distance);
        }
        return nearest;
    }

    /// <summary><c>; did you mean X?</c>, or else the words that are known.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> known) =>
        To(word, known) is { } near ? $"; did you mean {near}?" : "; known are " + string.Join(", ", known);

    // Levenshtein's distance, where two neighbours that changed places count once.
    private static int Distance(string a, string b)
    {
        var before = new int[b.Length + 1];
        var last = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            last[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var row = new int[b.Length + 1];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var cost = a[i - 1] == b[j - 1] ? 0 : 1;
                row[j] = Math.Min(Math.Min(last[j] + 1, row[j - 1] + 1), last[j - 1] + cost);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    row[j] = Math.Min(row[j], before[j - 2] + 1);
            }
            (before, last) = (last, row);
        }
        return last[b.Length];
    }
}
