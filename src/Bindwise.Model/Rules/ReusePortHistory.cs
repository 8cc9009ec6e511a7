namespace Bindwise.Model.Rules;

/// <summary>
/// What a TCP port remembers of the last SO_REUSEPORT socket that bound or listened on it: the next one that it covers passes without
/// a look at the others, even where the options of today would stop it. A snapshot cannot know it.
/// Source: sk_reuseport_match(), inet_csk_update_fastreuse() (FASTREUSEPORT_STRICT), net/ipv4/inet_connection_sock.c.
/// </summary>
/// <param name="Address">Its address, family and IPV6_V6ONLY of then.</param>
/// <param name="UserId">Its user.</param>
internal readonly record struct ReusePortHistory(BoundAddress Address, uint UserId)
{
    /// <summary>Whether a socket passes by it: same user, SO_REUSEPORT, and an address that the remembered one covers.</summary>
    public static bool Lets(ReusePortHistory? history, in AskingSocket want) =>
        want.ReusePort && history is { } last && last.UserId == want.UserId
        && AddressOverlap.ReceiveAlike(last.Address, want.Bound, otherCovers: false);

    /// <summary>What stands there after a bind() or listen() that succeeded.</summary>
    public static ReusePortHistory? After(ReusePortHistory? history, in AskingSocket want) =>
        !want.ReusePort ? null : Lets(history, want) ? history : new ReusePortHistory(want.Bound, want.UserId);
}
