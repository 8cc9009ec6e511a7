using Bindwise.Linux.Netlink;
using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Linux.Inspecting;

internal sealed partial class KernelReader
{
    /// <summary>UDP sockets that are told beside a TCP port.</summary>
    private const int MaximumBeside = 16;

    public Snapshot ReadUdp(Snapshot known, RequestPlan plan) => Timed("UDP sockets", () =>
    {
        var sockets = new List<HeldSocket>();
        var outcome = Table().ReadUdp(plan.Port!.Value, sockets);
        return WithDevices(With(known, outcome, sockets, c => c with { ListenersRead = true, AllStatesRead = true }));
    });

    public Snapshot ReadUdpBeside(Snapshot known, RequestPlan plan) => Timed("UDP on the same port", () =>
    {
        var sockets = new List<HeldSocket>();
        return Table().ReadUdp(plan.Port!.Value, sockets).Status == DumpStatus.Failed ? known
            : known with { UdpOnPort = [.. sockets.Where(static s => s.Remote.Port == 0).Take(MaximumBeside)] };
    });
}

/// <summary>What of a port's TCP sockets belongs to MPTCP.</summary>
internal sealed partial class KernelReader
{
    /// <summary>Whether a socket is an MPTCP one, and in which state: its TCP subflow stays ESTABLISHED while it closes.</summary>
    private Snapshot WithMultipath(Snapshot known, RequestPlan plan)
    {
        var asked = 0;
        known = known with
        {
            Sockets = [.. known.Sockets.Select(s => plan.IsOnPort(s) && s is { Protocol: Protocol.Tcp, UserId: not null,
                IsMultipath: Fact.Unknown } && asked++ < MaximumConnectionReads ? s with { IsMultipath = Table().ReadMultipath(s) } : s)],
        };
        return plan.Port is { } port && known.Sockets.Any(static s => s.IsMultipath == Fact.Yes && s.State != TcpSocketState.Listen)
            ? Table().ReadMultipathSockets(port).AddTo(known)
            : known;
    }
}
