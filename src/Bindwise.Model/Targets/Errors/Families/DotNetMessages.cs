namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>.NET: Kestrel names the URL; sockets name nothing.</summary>
internal static class DotNetMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("Failed to bind to address ", Origins.Kestrel) { With = "://" },
        // A warning when only one of localhost's two addresses failed.
        new("Unable to bind to ", Origins.Kestrel) { With = "loopback interface", Rank = FindingRank.Lesser },
        new("Failed to listen on prefix ", Origins.DotNet),
    ];
}
