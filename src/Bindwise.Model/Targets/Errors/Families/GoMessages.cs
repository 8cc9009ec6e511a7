using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors.Families;

/// <summary>net.OpError: <c>listen tcp 0.0.0.0:3306: bind: address already in use</c>; the network stands before the address.</summary>
internal static class GoMessages
{
    public static readonly Phrase[] Phrases =
    [
        new("listen tcp4 ", RuntimeProfiles.GoOneFamily),
        new("listen tcp6 ", RuntimeProfiles.GoOneFamily),
        new("listen tcp ", RuntimeProfiles.Go),
        new("listen udp4 ", RuntimeProfiles.GoOneFamily) { Protocol = Protocol.Udp },
        new("listen udp6 ", RuntimeProfiles.GoOneFamily) { Protocol = Protocol.Udp },
        new("listen udp ", RuntimeProfiles.Go) { Protocol = Protocol.Udp },
        new("listen unix ", RuntimeProfiles.Go),
        new("listen unixpacket ", RuntimeProfiles.Go),
        new("listen unixgram ", RuntimeProfiles.Go),
        // kubectl: {LOCAL REMOTE}.
        new("of the requested ports: [{", RuntimeProfiles.Go) { IsPortNext = true },
    ];
}
