using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>net.OpError: <c>listen tcp 0.0.0.0:3306: bind: address already in use</c>; the network stands before the address.</summary>
internal static class GoMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("listen tcp4 ", Origins.GoOneFamily),
        new("listen tcp6 ", Origins.GoOneFamily),
        new("listen tcp ", Origins.Go),
        new("listen udp4 ", Origins.GoOneFamily) { Protocol = Protocol.Udp },
        new("listen udp6 ", Origins.GoOneFamily) { Protocol = Protocol.Udp },
        new("listen udp ", Origins.Go) { Protocol = Protocol.Udp },
        new("listen unix ", Origins.Go),
        new("listen unixpacket ", Origins.Go),
        new("listen unixgram ", Origins.Go),
        // kubectl: {LOCAL REMOTE}.
        new("of the requested ports: [{", Origins.Go) { IsPortNext = true },
    ];
}
