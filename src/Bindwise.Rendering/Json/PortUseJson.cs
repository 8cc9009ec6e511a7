using System.Text.Json;
using Bindwise.Model.Diagnosing;

namespace Bindwise.Rendering.Json;

/// <summary>The <c>portUse</c> of the JSON form: who uses the ephemeral range, per destination.</summary>
internal static class PortUseJson
{
    public static void Write(Utf8JsonWriter writer, PortUse? use, BlockerJson owners)
    {
        if (use is null)
        {
            writer.WriteNull("portUse");
            return;
        }
        writer.WriteStartObject("portUse");
        writer.WriteNumber("first", use.First);
        writer.WriteNumber("last", use.Last);
        writer.WriteNumber("usable", use.Usable);
        writer.WriteNumber("used", use.Used);
        writer.WriteStartArray("destinations");
        foreach (var destination in use.Destinations)
        {
            writer.WriteStartObject();
            writer.WriteText("remote", destination.Remote.ToString());
            writer.WriteText("local", destination.Local.ToString());
            writer.WriteNumber("count", destination.Count);
            writer.WriteNumber("timeWait", destination.TimeWait);
            owners.WriteOwners(destination.Owners);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
