using System.Text.Json;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Rendering.Json;

namespace Bindwise.Rendering.Scenarios;

/// <summary>The lines of a host's socket table as JSON: docs/schema/claim.schema.json has the fields.</summary>
internal static class SocketRowJson
{
    public static void Write(Utf8JsonWriter writer, string name, ImmutableArray<SocketRow> rows)
    {
        writer.WriteStartArray(name);
        foreach (var row in rows)
        {
            writer.WriteStartObject();
            writer.WriteText("protocol", row.Protocol == Protocol.Tcp ? "tcp" : "udp");
            writer.WriteText("local", row.Local.ToString());
            writer.WriteText("remote", row.Remote?.ToString());
            writer.WriteText("state", TcpStateNames.Of(row.State, row.Protocol));
            writer.WriteText("socket", row.Socket);
            writer.WriteText("process", row.Process);
            if (row.SecondsLeft is { } seconds)
                writer.WriteNumber("secondsLeft", Math.Round(seconds, 1));
            else
                writer.WriteNull("secondsLeft");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
