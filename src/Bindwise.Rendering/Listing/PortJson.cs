using Bindwise.Model.Diagnosing;
using Bindwise.Model.Listing;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Listing;

/// <summary>A listed port as one line of JSON: docs/schema/port.schema.json.</summary>
internal static class PortJson
{
    public const string Schema = "bindwise.port/1";

    /// <summary>Writes every port of a listing, each with its line's end.</summary>
    public static void Write(IBufferWriter<byte> output, PortListing listing)
    {
        var moments = new Moments(listing.TakenAt);
        var takenAt = moments.Iso(listing.TakenAt);
        var devices = new DeviceNames(listing.Interfaces);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        var blockers = new BlockerJson(writer, moments, new ProcessAncestry(listing.Processes), devices);
        foreach (var port in listing.Ports)
        {
            writer.WriteStartObject();
            writer.WriteString("schema", Schema);
            WritePort(writer, port, moments, devices);
            blockers.WriteOwners(port.Owners);
            writer.WriteText("takenAt", takenAt);
            writer.WriteEndObject();
            writer.Flush();
            output.Write("\n"u8);
            writer.Reset();
        }
    }

    private static void WritePort(Utf8JsonWriter writer, ListedPort port, Moments moments, DeviceNames devices)
    {
        writer.WriteText("target", PortColumns.Target(port));
        writer.WriteText("protocol", DiagnosisJson.Name(port.Protocol));
        writer.WriteNumber("port", port.Port);
        writer.WriteNumber("lastPort", port.LastPort);
        writer.WriteNumber("portCount", port.PortCount);
        writer.WriteText("path", port.Protocol == Protocol.Unix ? PortColumns.Target(port) : null);
        writer.WriteText("state", port.Sockets.IsEmpty ? null : PortColumns.State(port));
        writer.WriteStartArray("sockets");
        foreach (var socket in port.Sockets)
            WriteSocket(writer, socket, hasQueue: socket.State == TcpSocketState.Listen && !port.AreQueuesUnknown, devices);
        writer.WriteEndArray();
        writer.WriteText("name", port.Name);
        writer.WriteNumber("pid", port.Owners is [var owner, ..] ? owner.Process.Id : null);
        writer.WriteNumber("processCount", port.OwnerCount);
        writer.WriteBoolean("ownerHidden", port.IsOwnerHidden);
        writer.WriteText("user", port.UserName);
        writer.WriteNumber("userId", port.UserId);
        writer.WriteText("projectFolder", port.ProjectFolder);
        writer.WriteText("container", port.Container);
        writer.WriteText("unit", port.Unit);
        writer.WriteText("since", port.Since is { } since ? moments.Iso(since) : null);
        writer.WriteNumber("connections", port.Connections);
        writer.WriteNumber("timeWait", port.TimeWaits);
        writer.WriteNumber("queue", port.Queue);
        writer.WriteNumber("backlog", port.Backlog);
        writer.WriteList("states", port.States, one =>
        {
            writer.WriteText("state", TcpStateNames.Of(one.State, port.Protocol));
            writer.WriteNumber("count", one.Count);
        });
        DiagnosisJson.WriteRemarks(writer, "warnings", port.Warnings);
    }

    private static void WriteSocket(Utf8JsonWriter writer, HeldSocket socket, bool hasQueue, DeviceNames devices)
    {
        var isUnix = socket.Protocol == Protocol.Unix;
        writer.WriteStartObject();
        writer.WriteText("address", isUnix ? null : socket.Local.Address.ToString());
        writer.WriteText("device", devices.Of(socket.DeviceIndex));
        writer.WriteBoolean("dualStack", socket.IsDualStack);
        writer.WriteText("type", !isUnix ? null : socket.SocketType switch
        {
            1 => "stream",
            2 => "dgram",
            5 => "seqpacket",
            _ => null,
        });
        writer.WriteText("state", SocketText.State(socket));
        writer.WriteNumber("queue", hasQueue ? socket.ReceiveQueue : null);
        writer.WriteNumber("backlog", hasQueue ? socket.SendQueue : null);
        writer.WriteNumber("inode", socket.Inode);
        writer.WriteNumber("cookie", socket.Cookie);
        writer.WriteEndObject();
    }
}
