using Bindwise.Model.Addresses;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>What of a port's TCP sockets belongs to MPTCP.</summary>
internal sealed partial class Inspection
{
    /// <summary>Whether a socket is an MPTCP one, and in which state: its TCP subflow stays ESTABLISHED while it closes.</summary>
    private void ReadMultipath()
    {
        var asked = 0;
        Snapshot = Snapshot with
        {
            Sockets = [.. Snapshot.Sockets.Select(s => IsOnPort(s) && s is { Protocol: Protocol.Tcp, UserId: not null, IsMultipath: Fact.Unknown } && asked++ < MaximumConnectionReads ? s with { IsMultipath = Table().ReadMultipath(s) } : s)],
        };
        if (Plan.Port is { } port && Snapshot.Sockets.Any(static s => s.IsMultipath == Fact.Yes && s.State != TcpState.Listen))
            Snapshot = Table().ReadMultipathSockets(port).Tell(Snapshot);
    }
}
