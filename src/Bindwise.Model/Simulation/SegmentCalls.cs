using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Simulation;

/// <summary>What a scenario does to the segments of a connection, beside the system calls.</summary>
/// <param name="wire">Loopback.</param>
/// <param name="transit">What is held back.</param>
internal sealed class SegmentCalls(TcpWire wire, Transit transit)
{
    /// <summary>Nothing reaches a connected socket any more.</summary>
    public Reply Hold(string name, SimulatedSocket socket)
    {
        if (!IsConnected(socket))
            return Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected);
        transit.Hold(name, socket);
        return Reply.Ok();
    }

    /// <summary>What was held back arrives.</summary>
    public Reply Release(string name)
    {
        if (transit.EndHold(name) is not { } held)
            return Reply.Fail("EINVAL", null);
        wire.Release(held);
        return Reply.Ok();
    }

    /// <summary>What was held back is lost.</summary>
    public Reply Lose(string name)
    {
        if (transit.EndHold(name) is not { } held)
            return Reply.Fail("EINVAL", null);
        transit.Lose(held);
        return Reply.Ok();
    }

    /// <summary>An old segment turns up once more.</summary>
    public Reply Repeat(SimulatedSocket sender, SegmentKind kind)
    {
        if (transit.LastOf(sender, kind) is not { } segment)
            return Reply.Fail("EINVAL", null);
        wire.Repeat(segment);
        return Reply.Ok();
    }

    /// <summary>Many bytes from one end to the other.</summary>
    public Reply Stream(SimulatedSocket from, SimulatedSocket to, long bytes)
    {
        if (!IsConnected(from) || !IsConnected(to) || from.Tuple?.Mirrored != to.Tuple)
            return Reply.Fail("ENOTCONN", ConnectionRuleBook.NotConnected);
        if (from.IsWritingShut)
            return Reply.Fail("EPIPE", ConnectionRuleBook.SendingEnded);
        if (transit.IsHeld(from) || transit.IsHeld(to))
            return Reply.Fail("EAGAIN", null);
        wire.Stream(from, to, (int)bytes);
        return Reply.Ok();
    }

    private static bool IsConnected(SimulatedSocket socket) =>
        socket.Protocol == Protocol.Tcp && socket.Tuple is not null && socket.State is not (TcpState.SynSent or TcpState.Close);
}
