using Bindwise.Model.Targets.Grammar;
using static System.FormattableString;

namespace Bindwise.Model.Targets.Errors;

/// <summary>
/// A second start that refuses to bind at all, because a file with a process id says that the first one runs: Apache's <c>httpd (pid 512)
/// already running</c>, Rails' <c>A server is already running (pid: 512, file: /app/tmp/pids/server.pid)</c>.
/// </summary>
internal static class RunningServer
{
    private static readonly string[] Signs = ["already running", "already exists", "is running", "seems we're already"];

    /// <summary>PHP-FPM's of a start that works.</summary>
    private const string Started = "NOTICE: fpm is running";

    private const string NoDisplay = "Cannot establish any listening sockets";

    /// <summary>Of X and VNC servers: the words before the number of their display, and what they say of one that has a server.</summary>
    private static readonly string[] DisplayLeads = ["/tmp/.X", "display :", "display ", "VNC server is already running as :"];
    private static readonly string[] DisplaySigns = ["already active for", "already in use", "already running as", "is taken because"];

    /// <summary>VNC's port of display 0: display 1 has the next one. X counts from 6000.</summary>
    internal const int FirstDisplayPort = 5900;

    private static readonly string[] IdWords = ["pid", "process id", "process"];
    private const string FileEnd = ".pid";

    /// <summary>What to ask instead; null where the text tells of no such server.</summary>
    public static string? In(ErrorText text)
    {
        for (var line = 0; line < text.Lines.Count; line++)
        {
            var words = text.Lines[line];
            if (DisplayIn(words) is { } display)
                return display;
            if (!Signs.Any(sign => words.Contains(sign, StringComparison.OrdinalIgnoreCase))
                || words.Contains(Started, StringComparison.Ordinal))
                continue;
            // PostgreSQL names the process in the hint on the next line.
            var id = IdIn(words) ?? (line + 1 < text.Lines.Count ? IdIn(text.Lines[line + 1]) : null);
            var file = FileIn(words);
            if (id is { } process)
                return Invariant($"the text names no port, but a server that runs already as process {process}; see where it listens: ")
                    + Invariant($"bindwise ls tcp {process}; if no such process runs, ")
                    + (file is null ? "its pid file is left over, and may be removed" : $"remove {Fault.Show(file)}, which is left over");
            if (file is not null)
                return $"the text names no port, but {Fault.Show(file)}, which names the process of a server that runs already; if no such "
                    + "process runs, remove the file";
        }
        return null;
    }

    private static string? DisplayIn(string words)
    {
        if (words.Contains(NoDisplay, StringComparison.Ordinal))
            return "the X server could not listen, and the text names no display; ask for the socket of yours, as in: "
                + "bindwise why /tmp/.X11-unix/X0";
        if (!DisplaySigns.Any(sign => words.Contains(sign, StringComparison.OrdinalIgnoreCase)))
            return null;
        foreach (var lead in DisplayLeads)
        {
            var at = words.IndexOf(lead, StringComparison.OrdinalIgnoreCase);
            if (at >= 0 && DigitReader.TryReadPort(words, at + lead.Length, out var number, out _))
                return Invariant($"the text names no port, but display {number}; see what has it: bindwise why /tmp/.X11-unix/X{number}")
                    + (words.Contains("VNC", StringComparison.Ordinal) ? Invariant($" {FirstDisplayPort + number}") : "")
                    + Invariant($"; if nothing has, remove /tmp/.X{number}-lock, which is left over");
        }
        return null;
    }

    private static int? IdIn(string words)
    {
        foreach (var word in IdWords)
        {
            for (var at = words.IndexOf(word, StringComparison.OrdinalIgnoreCase); at >= 0; at = words.IndexOf(word, at + 1,
                StringComparison.OrdinalIgnoreCase))
            {
                var digits = at + word.Length;
                while (digits < words.Length && words[digits] is ' ' or ':' or '=' or '#')
                    digits++;
                var end = digits;
                while (end < words.Length && end - digits < 8 && char.IsAsciiDigit(words[end]))
                    end++;
                if (end > digits && digits > at + word.Length && int.TryParse(words.AsSpan(digits, end - digits), NumberStyles.None,
                    CultureInfo.InvariantCulture, out var id) && id > 1)
                    return id;
            }
        }
        return null;
    }

    private static string? FileIn(string words)
    {
        var at = words.IndexOf(FileEnd, StringComparison.Ordinal);
        if (at < 0)
            return null;
        var start = at;
        while (start > 0 && words[start - 1] is not (' ' or '"' or '\'' or '(' or '`' or '='))
            start--;
        return words[start..(at + FileEnd.Length)];
    }
}
