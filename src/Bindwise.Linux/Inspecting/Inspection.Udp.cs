using Bindwise.Linux.Netlink;
using Bindwise.Model.Diagnosing.Planning;
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
