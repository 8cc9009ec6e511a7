using System.Text.Json;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>The field <c>portable</c>: null for the full answer.</summary>
internal static class PortableJson
{
    public static void Write(Utf8JsonWriter writer, PortableRecord? record)
    {
        if (record is null)
        {
            writer.WriteNull("portable");
            return;
        }
        writer.WriteStartObject("portable");
        writer.WriteText("system", NameOf(record.System));
        writer.WriteStartArray("seen");
        foreach (var socket in record.Seen)
        {
            writer.WriteStartObject();
            writer.WriteText("state", TcpStateNames.Of(socket.State, socket.Protocol));
            writer.WriteText("local", socket.Local.ToString());
            writer.WriteText("remote", socket.Remote.Port == 0 ? null : socket.Remote.ToString());
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static string NameOf(HostSystem system) => system switch
    {
        HostSystem.Linux => "linux",
        HostSystem.MacOS => "macos",
        HostSystem.Windows => "windows",
        _ => "other",
    };
}
