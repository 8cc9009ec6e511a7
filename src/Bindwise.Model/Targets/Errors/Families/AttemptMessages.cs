namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>
/// Programs that print first where they are about to listen, then an error without an address. The first line alone says nothing:
/// it stands in every good start as well.
/// </summary>
internal static class AttemptMessages
{
    private const int MaxLinesBetween = 4;

    private static readonly Phrase[] Phrases =
    [
        new("binding to port ", Origins.Java) { With = "NIOServerCnxn", Rank = FindingRank.Lesser },
        new("Opening ipv4 listen socket on port ", Origins.Mosquitto) { Rank = FindingRank.Lesser },
        new("Opening ipv6 listen socket on port ", Origins.Mosquitto) { Rank = FindingRank.Lesser },
        new("Starting Minecraft server on ", Origins.Netty) { Rank = FindingRank.Lesser },
    ];

    /// <summary>Reads an attempt that an errno follows at once.</summary>
    public static Finding? Read(ErrorText text, int line)
    {
        foreach (var phrase in Phrases)
        {
            if (phrase.Read(text, line) is { } finding)
                return IsFollowedByFailure(text, line) ? finding : null;
        }
        return null;
    }

    private static bool IsFollowedByFailure(ErrorText text, int line)
    {
        for (var i = line + 1; i < text.Lines.Count && i - line <= MaxLinesBetween; i++)
        {
            if (ErrnoWords.Mentions(text.Lines[i]) || text.Lines[i].Contains("FAILED TO BIND", StringComparison.Ordinal))
                return true;
        }
        return false;
    }
}
