using Bindwise.Linux.Netlink;
using Bindwise.Linux.SockDiag;
using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;
using Bindwise.Model.Sockets;

namespace Bindwise.Linux.Inspecting;

/// <summary>What is read of UDP.</summary>
internal sealed partial class Inspection
{
    /// <summary>UDP sockets that are told beside a TCP port.</summary>
    private const int MaximumBeside = 16;

    /// <summary>UDP sockets on the port, in the kernel's order.</summary>
    public void ReadUdp() => Timed("UDP sockets", () =>
    {
        var sockets = new List<HeldSocket>();
        var nearby = BeginNearby();
        var outcome = Table().ReadUdp(Plan.Port!.Value, sockets, nearby);
        Take(outcome, sockets, c => c with { ListenersRead = true, AllStatesRead = true });
        TakeNearby(outcome, nearby);
        if (sockets.Exists(static s => s.DeviceIndex != 0) && Snapshot.Interfaces.IsEmpty)
            ReadInterfaces();
    });

    /// <summary>Who asked for a number and named no protocol may have meant UDP: where TCP is free, whether that is too.</summary>
    public void ReadUdpBeside()
    {
        if (!_target.IsProtocolAssumed || Plan.Port is null or 0 || Snapshot.Coverage.SocketsUnread || !ProbePlan.IsConfirmed(Plan, Snapshot))
            return;
        Timed("UDP beside", () =>
        {
            var sockets = new List<HeldSocket>();
            if (Table().ReadUdp(Plan.Port.Value, sockets).Status != DumpStatus.Failed)
                Snapshot = Snapshot with { UdpOnPort = [.. sockets.Where(static s => s.Remote.Port == 0).Take(MaximumBeside)] };
        });
        if (!Snapshot.UdpOnPort.IsEmpty)
            ReadOwners();
    }
}

/// <summary>A port to take instead of the one that is taken.</summary>
internal sealed partial class Inspection
{
    private NearbyPorts? _nearby;

    private NearbyPorts BeginNearby() => _nearby = NearbyPorts.Of(
        Plan.Port!.Value, Snapshot.Settings, Snapshot.Caller.MayBinderBindPrivilegedPorts == Fact.Yes);

    private void TakeNearby(DumpOutcome outcome, NearbyPorts? nearby) =>
        Snapshot = Snapshot with { FreeNearby = outcome.IsComplete ? nearby?.Find() : null };

    /// <summary>Another port helps against one that is taken, or that needs a privilege, and against nothing else.</summary>
    private bool IsWantedNearby() => Snapshot.FreeNearby is not null && _target.Destination is null && !ProbePlan.IsConfirmed(Plan, Snapshot)
        && Plan.Asked.Any(r => BindRules.Decide(r, Snapshot) is { Outcome: not Outcome.Allowed, Errno: null or "EADDRINUSE" or "EACCES" });
}

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
