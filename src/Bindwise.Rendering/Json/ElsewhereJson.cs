using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Model.Snapshots;
using Bindwise.Rendering.Processes;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>elsewhere</c> of the JSON form: sockets in other network namespaces, which do not block.</summary>
internal static class ElsewhereJson
{
    public static void Write(Utf8JsonWriter writer, ImmutableArray<ElsewhereRecord> records)
    {
        writer.WriteStartArray("elsewhere");
        foreach (var record in records)
        {
            writer.WriteStartObject();
            writer.WriteText("protocol", DiagnosisJson.Name(record.Socket.Protocol));
            writer.WriteText("state", SocketText.State(record.Socket));
            writer.WriteText("local", SocketText.Local(record.Socket));
            writer.WriteNumber("networkNamespace", record.NetworkNamespace);
            writer.WriteText("network", record.NetworkName);
            if (record.Process is { } process)
                writer.WriteNumber("pid", process.Id);
            else
                writer.WriteNull("pid");
            writer.WriteText("command", record.Process is { } someone ? CommandLineLine.Of(someone, CommandLineLine.LimitOfJson) : null);
            writer.WriteText("container", record.Process?.Container);
            writer.WriteBoolean("holds", record.IsHolder);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
