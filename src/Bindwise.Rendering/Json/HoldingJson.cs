using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>What the JSON form says of a socket whose holder is not plain to see.</summary>
internal static class HoldingJson
{
    /// <summary><c>multipath</c>: whether it belongs to an MPTCP socket; <c>subflowState</c>: the TCP subflow's own state, where it is another.</summary>
    public static void WriteMultipath(Utf8JsonWriter writer, HeldSocket socket)
    {
        if (socket.IsMultipath == Fact.Unknown)
            writer.WriteNull("multipath");
        else
            writer.WriteBoolean("multipath", socket.IsMultipath == Fact.Yes);
        writer.WriteText("subflowState", socket.SubflowState is { } state ? TcpStateNames.Of(state, socket.Protocol) : null);
    }

    /// <summary><c>inFlight</c>: the UNIX socket in whose queue it waits.</summary>
    public static void WriteFlight(Utf8JsonWriter writer, Blocker blocker)
    {
        if (blocker.Flights.IsEmpty)
        {
            writer.WriteNull("inFlight");
            return;
        }
        var flight = blocker.Flights[0];
        writer.WriteStartObject("inFlight");
        writer.WriteNumber("inode", flight.Inode);
        writer.WriteBoolean("accepted", !flight.IsUnaccepted);
        writer.WriteStartArray("receivers");
        foreach (var receiver in blocker.Flights.Select(static f => f.ProcessId).Where(static id => id != 0).Distinct().Order())
            writer.WriteNumberValue(receiver);
        writer.WriteEndArray();
        writer.WriteStartArray("senders");
        foreach (var sender in flight.Senders)
            writer.WriteNumberValue(sender);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary><c>hint</c>: who may have made a socket without a visible owner.</summary>
    public static void WriteHint(Utf8JsonWriter writer, Blocker blocker)
    {
        if (blocker.Hint is not { } hint)
        {
            writer.WriteNull("hint");
            return;
        }
        writer.WriteStartObject("hint");
        writer.WriteText("user", hint.UserName);
        writer.WriteText("cgroup", hint.Cgroup);
        writer.WriteText("unit", hint.Unit);
        writer.WriteText("container", hint.Container);
        writer.WriteEndObject();
    }
}
