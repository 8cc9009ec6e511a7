using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Sockets;
using static System.FormattableString;

namespace Bindwise.Rendering.Text;

/// <summary>The sockets in the way, for --verbose: grouped by state and local end, with some of the remote ends.</summary>
internal static class HeldRows
{
    private const int Samples = 3;

    public static void Write(Page page, Diagnosis diagnosis)
    {
        var groups = diagnosis.Blockers.Select(blocker => blocker.Socket)
            .GroupBy(socket => (State: SocketText.State(socket), Local: SocketText.Local(socket), socket.DeviceIndex)).ToList();
        var devices = new DeviceNames(diagnosis.Interfaces);
        for (var i = 0; i < groups.Count; i++)
            page.Row(i == 0 ? "held" : "", Describe(diagnosis, groups[i].Key.State, groups[i].Key.Local, devices.Of(groups[i].Key.DeviceIndex), [.. groups[i]]), hang: 2);
    }

    // The diagnosis lists a bounded number of sockets; the tallies count them all.
    internal static int Count(Diagnosis diagnosis, List<HeldSocket> alike)
    {
        var kinds = alike.Where(socket => socket.Protocol == Protocol.Tcp)
            .Select(socket => (socket.State, socket.Family, socket.Local.Address, socket.DeviceIndex)).ToHashSet();
        var tallied = diagnosis.Tallies.Where(tally => kinds.Contains((tally.State, tally.Family, tally.Local, tally.DeviceIndex))).Sum(tally => (long)tally.Count);
        return (int)Math.Clamp(tallied, alike.Count, int.MaxValue);
    }

    private static Paragraph Describe(Diagnosis diagnosis, string state, string local, string? device, List<HeldSocket> sockets)
    {
        var count = Count(diagnosis, sockets);
        var text = new Paragraph().Add(Invariant($"{count} {state} "))
            .Add(TextRole.Text, local, limit: 200);
        if (device is not null)
            text.Add(" on interface " + device + " only");
        var remotes = sockets.Select(SocketText.Remote).OfType<string>().ToList();
        if (remotes.Count > 0)
        {
            text.Add(" with " + string.Join(", ", remotes.Take(Samples)));
            if (count > Samples)
                text.Add(Invariant($" and {count - Samples} more"));
        }
        if (sockets.TrueForAll(static socket => socket.IsMultipath == Fact.Yes))
            text.Add(sockets.TrueForAll(static socket => socket.SubflowState is not null) ? Invariant($" (MPTCP; TCP subflow in {TcpStateNames.Of(sockets[0].SubflowState!.Value, Protocol.Tcp)})") : " (MPTCP)");
        if (sockets is [{ State: TcpState.Listen, ReceiveQueue: > 0 } listener])
            text.Add(Invariant($"; {listener.ReceiveQueue} of {listener.SendQueue} connections wait for accept()"));
        return text;
    }
}
