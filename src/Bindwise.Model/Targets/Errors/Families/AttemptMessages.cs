namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Programs that print first where they are about to listen, then an error without an address. The first line alone says nothing: it stands
/// in every good start as well.
/// </summary>
internal static class AttemptMessages
{
    /// <summary>adb prints its server's whole log between the two.</summary>
    private const int MaxLinesBetween = 12;

    /// <summary>Of two outputs that were pasted one after the other, the error and its stack may come first.</summary>
    private const int MaxLinesBefore = 40;

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
        new("starting now at ", RuntimeProfile.Unknown) { With = "daemon not running", Rank = MentionRank.Lesser },
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

    /// <summary>Reads an attempt that an errno follows at once, or that such words stand beside.</summary>
    public static BindMention? Read(ErrorText text, int line)
    {
        foreach (var phrase in Phrases)
        {
            if (phrase.Read(text, line) is { } found)
                return HasFailed(text, line, out var errno) ? found with { Errno = errno } : null;
        }
        return null;
    }

    private static bool HasFailed(ErrorText text, int line, out string? errno)
    {
        errno = null;
        for (var i = Math.Max(0, line - MaxLinesBefore); i < text.Lines.Count && i - line <= MaxLinesBetween; i++)
        {
            if (i > line && ErrnoWords.Mentions(text.Lines[i]))
                return true;
            var words = text.Lines[i];
            if (Array.Find(Failures, failure => words.Contains(failure.Words, StringComparison.Ordinal)) is { Words: not null } known)
            {
                errno = known.Errno;
                return true;
            }
        }
        return false;
    }
}

/// <summary>Development servers that name a port alone.</summary>
internal static class PortMessages
{
    private const string InUse = "EADDRINUSE";

    public static readonly Phrase[] Phrases =
    [
        new("Failed to start server. Is port ", RuntimeProfiles.Bun) { With = "in use", Errno = InUse },
        new("Port ", RuntimeProfiles.PythonReusing) { With = "is in use by another program", Errno = InUse },
        new("Port ", RuntimeProfiles.Node) { With = "is in use, trying", Errno = InUse },
        new("Port ", RuntimeProfiles.Node) { With = "using available port", Errno = InUse },
        new("Unable to find an available port (tried ", RuntimeProfiles.Node) { IsPortNext = true, Errno = InUse },
        new("was picked because ", RuntimeProfiles.Node) { IsPortNext = true, With = "is in use", Errno = InUse },
        new("couldn't find an open port between ", RuntimeProfile.Unknown) { IsPortNext = true, Protocol = Protocol.Udp, Errno = InUse },
        new("Tried to connect to port ", RuntimeProfiles.PythonLibrary) { With = "address is in use", Errno = InUse },
        new("Cannot find empty port in range: ", RuntimeProfiles.PythonLibrary) { IsRangeNext = true, Errno = InUse },
        new("Something is already running on port ", RuntimeProfiles.Node) { Errno = InUse },
        new("Live Server: Error on port ", RuntimeProfiles.Node),
    ];
}
