using Bindwise.Model.Runtimes;

namespace Bindwise.Model.Diagnosing.Provenance;

/// <summary>
/// Titles: a text that a process wrote over its arguments, as <c>npm run dev</c> or <c>next-server (v15.1.0)</c>. comm has its beginning
/// only.
/// </summary>
internal static class ProcessTitles
{
    /// <summary>comm holds so many bytes.</summary>
    private const int LongestName = 15;

    private const int LongestTitle = 40;

    /// <summary>
    /// Whether a comm has only the beginning of a name: 15 bytes of it. What is left there of a character that they cut stands as
    /// <c>\xNN</c>.
    /// </summary>
    public static bool AreCut(ReadOnlySpan<char> comm, string name)
    {
        var bytes = 0;
        for (; comm is [.., '\\', 'x', _, _] && !name.StartsWith(comm, StringComparison.Ordinal); bytes++)
            comm = comm[..^4];
        return bytes + Encoding.UTF8.GetByteCount(comm) == LongestName && name.StartsWith(comm, StringComparison.Ordinal);
    }

    /// <summary>The words of a title; the arguments where there is none.</summary>
    public static ImmutableArray<string> WordsOf(ProcessRecord process)
    {
        var arguments = process.Arguments.RemoveAll(static argument => argument.Length == 0);
        return TitleOf(process) is { } title ? [.. title.Split(' ', StringSplitOptions.RemoveEmptyEntries)] : arguments;
    }

    /// <summary>A title that is the command line of the interpreter itself: PM2 gives its apps <c>node /srv/shop/server.js</c>.</summary>
    public static bool IsCommandLine(ProcessRecord process) => TitleOf(process) is { } title
        && title.Split(' ', 2)[0] is var first
        && RuntimeBook.OfProgram(ProcessNames.FileName(first)) is { } runtime
        && runtime == RuntimeBook.OfProgram(ProcessNames.ProgramOf(process));

    /// <summary>
    /// The title of which comm has only the beginning: its first words, without what stands in brackets after them. Null for none.
    /// </summary>
    public static string? Whole(ProcessRecord process)
    {
        if (TitleOf(process) is not { } title || !AreCut(process.Name, title))
            return null;
        var bracket = title.IndexOf(" (", StringComparison.Ordinal);
        var words = (bracket > 0 ? title[..bracket] : title).TrimEnd();
        if (words.Length <= LongestTitle)
            return words;
        var end = words.LastIndexOf(' ', LongestTitle - 1);
        return words[..(end > 0 ? end : LongestTitle - 1)] + "…";
    }

    private static string? TitleOf(ProcessRecord process)
    {
        var arguments = process.Arguments;
        // What is left of the old arguments stands empty behind it.
        return arguments is [{ } title, ..] && title.IndexOf(' ', StringComparison.Ordinal) > 0
            && arguments.AsSpan()[1..].IndexOfAnyExcept("") < 0 ? title : null;
    }
}
