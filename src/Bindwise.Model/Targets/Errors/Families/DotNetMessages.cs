namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>.NET: Kestrel names the URL; sockets name nothing.</summary>
internal static class DotNetMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("Failed to bind to address ", RuntimeProfiles.Kestrel) { With = "://" },
        // A warning when only one of localhost's two addresses failed.
        new("Unable to bind to ", RuntimeProfiles.Kestrel) { With = "loopback interface", Rank = MentionRank.Lesser },
        new("Failed to listen on prefix ", RuntimeProfiles.DotNet),
    ];
}
