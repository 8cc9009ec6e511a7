namespace Bindwise.Model.Diagnosing;

/// <summary>Words as a POSIX shell reads them back.</summary>
public static class ShellQuoting
{
    /// <summary>The word as it is when it is plain, else in single quotes.</summary>
    public static string Quote(string word)
    {
        ArgumentNullException.ThrowIfNull(word);
        return word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || "_-./:@%+=,".Contains(c, StringComparison.Ordinal))
            ? word
            : "'" + word.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
