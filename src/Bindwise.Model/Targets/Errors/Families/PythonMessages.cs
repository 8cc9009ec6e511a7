namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>Python's libraries: what they add to <c>OSError: [Errno 98] Address already in use</c>, which names no address itself.</summary>
internal static class PythonMessages
{
    private const string Call = ".bind(";

    /// <summary>From the error up to the call that raised it: two lines of marks, the source, and its place.</summary>
    private const int TraceLines = 3;

    public static readonly Phrase[] Phrases =
    [
        new("error while attempting to bind on address ", RuntimeProfiles.Asyncio),
        new("Connection in use: ", RuntimeProfiles.PythonReusing with { Program = "gunicorn" }) { Errno = "EADDRINUSE" },
        new("Invalid address: ", RuntimeProfiles.PythonReusing with { Program = "gunicorn" }) { With = "('", Errno = "EADDRNOTAVAIL" },
        new("[ERROR] Can't connect to ", RuntimeProfiles.PythonReusing with { Program = "gunicorn" }) { With = "('", Rank = MentionRank.Lesser },
        new("Couldn't listen on ", RuntimeProfiles.PythonReusing) { With = "[Errno " },
        new("OSError: Address ", RuntimeProfiles.Asyncio) { With = "is already in use", Errno = "EADDRINUSE" },
    ];

    /// <summary>A bare <c>socket.bind()</c>: only the source line that the traceback ends with tells the address, where it is a literal.</summary>
    public static BindMention? ReadTraceback(ErrorText text, int line)
    {
        var words = text.Lines[line];
        if (!words.Contains("Error: [Errno ", StringComparison.Ordinal) || !ErrnoWords.Mentions(words))
            return null;
        for (var above = line - 1; above >= Math.Max(0, line - TraceLines); above--)
        {
            var at = text.Lines[above].IndexOf(Call, StringComparison.Ordinal);
            if (at >= 0)
                return AddressMentionReader.TryRead(text.Lines[above], at + Call.Length, false, out var place) ? BindMention.At(place, RuntimeGuess.Around(text, line), line) : null;
        }
        return null;
    }
}
