namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Programs that print first where they are about to listen, then an error without an address. The first line alone says nothing:
/// it stands in every good start as well.
/// </summary>
internal static class AttemptMessages
{
    private const int MaxLinesBetween = 6;

    private static readonly Phrase[] Phrases =
    [
        new("binding to port ", RuntimeProfiles.Java) { With = "NIOServerCnxn", Rank = MentionRank.Lesser },
        new("Opening ipv4 listen socket on port ", RuntimeProfiles.Mosquitto) { Rank = MentionRank.Lesser },
        new("Opening ipv6 listen socket on port ", RuntimeProfiles.Mosquitto) { Rank = MentionRank.Lesser },
        new("Starting Minecraft server on ", RuntimeProfiles.Netty) { Rank = MentionRank.Lesser },
        new("Starting development server at ", RuntimeProfiles.PythonReusing) { Rank = MentionRank.Lesser },
        new("on port ", RuntimeProfiles.ChromeDriver) { With = "Starting ChromeDriver", Rank = MentionRank.Lesser },
        new("Listening on ", RuntimeProfiles.Ruby) { With = "CTRL+C to stop", Rank = MentionRank.Lesser },
        new("Opening socket at (IP ADDR:({", RuntimeProfiles.Factorio) { Protocol = Protocol.Udp, Rank = MentionRank.Lesser },
        new("server, port is ", RuntimeProfiles.Java) { IsPortNext = true, With = "fail", Rank = MentionRank.Lesser },
    ];

    /// <summary>What such programs say instead of the errno's words; the errno, where the words tell it.</summary>
    private static readonly (string Words, string? Errno)[] Failures =
    [
        ("FAILED TO BIND", null),
        ("That port is already in use", "EADDRINUSE"),
        ("have permission to access that port", "EACCES"),
        ("That IP address can't be assigned", "EADDRNOTAVAIL"),
        ("no acceptor (port is in use", "EADDRINUSE"),
        ("BindException", null),
        ("Host address is already in use", "EADDRINUSE"),
    ];

    /// <summary>Reads an attempt that an errno follows at once.</summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        foreach (var phrase in Phrases)
        {
            if (phrase.Read(text, line) is { } found)
                return IsFollowedByFailure(text, line, out var errno) ? found with { Errno = errno } : null;
        }
        return null;
    }

    private static bool IsFollowedByFailure(ErrorText text, int line, out string? errno)
    {
        errno = null;
        for (var i = line + 1; i < text.Lines.Count && i - line <= MaxLinesBetween; i++)
        {
            if (ErrnoWords.Mentions(text.Lines[i]))
                return true;
            foreach (var failure in Failures)
            {
                if (!text.Lines[i].Contains(failure.Words, StringComparison.Ordinal))
                    continue;
                errno = failure.Errno;
                return true;
            }
        }
        return false;
    }
}
