using Bindwise.Linux.Netlink;

namespace Bindwise.Linux.Inspecting;

/// <summary>What is read of UDP.</summary>
internal sealed partial class KernelReader
{
    /// <summary>UDP sockets that are told beside a TCP port.</summary>
    private const int MaximumBeside = 16;

    /// <inheritdoc/>
    public void ReadUdp() => Timed("UDP sockets", () =>
    {
        var sockets = new List<HeldSocket>();
        var outcome = Table().ReadUdp(Plan.Port!.Value, sockets);
        Take(outcome, sockets, c => c with { ListenersRead = true, AllStatesRead = true });
        if (sockets.Exists(static s => s.DeviceIndex != 0) && Snapshot.Interfaces.IsEmpty)
            ReadInterfaces();
    });

    /// <inheritdoc/>
    public void ReadUdpBeside() => Timed("UDP beside", () =>
    {
        var sockets = new List<HeldSocket>();
        if (Table().ReadUdp(Plan.Port!.Value, sockets).Status != DumpStatus.Failed)
            Snapshot = Snapshot with { UdpOnPort = [.. sockets.Where(static s => s.Remote.Port == 0).Take(MaximumBeside)] };
    });
}

/// <summary>What of a port's TCP sockets belongs to MPTCP.</summary>
internal sealed partial class KernelReader
{
    /// <summary>Whether a socket is an MPTCP one, and in which state: its TCP subflow stays ESTABLISHED while it closes.</summary>
    private void ReadMultipath()
    {
        var asked = 0;
        Snapshot = Snapshot with
        {
            Sockets = [.. Snapshot.Sockets.Select(s => Plan.IsOnPort(s) && s is { Protocol: Protocol.Tcp, UserId: not null, IsMultipath: Fact.Unknown } && asked++ < MaximumConnectionReads ? s with { IsMultipath = Table().ReadMultipath(s) } : s)],
        };
        if (Plan.Port is { } port && Snapshot.Sockets.Any(static s => s.IsMultipath == Fact.Yes && s.State != TcpSocketState.Listen))
            Snapshot = Table().ReadMultipathSockets(port).Tell(Snapshot);
    }
}
