using System.Buffers;
using System.Text.Json;
using Bindwise.Dashboard.Answers;
using Bindwise.Rendering.Json;

namespace Bindwise.Dashboard.Fleet;

/// <summary>The answers about a fleet as JSON.</summary>
internal static class FleetJson
{
    /// <summary>The answer of <c>/api/v1/fleet</c>.</summary>
    public static void Write(IBufferWriter<byte> output, FleetReport report)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteText("asOf", JsonMoment.Of(report.AsOf));
        writer.WriteStartArray("hosts");
        foreach (var host in report.Hosts)
            WriteHost(writer, host);
        writer.WriteEndArray();
        writer.WriteStartArray("changes");
        foreach (var change in report.Changes)
        {
            writer.WriteStartObject();
            writer.WriteText("instance", change.Instance);
            writer.WriteNumber("port", change.Port);
            writer.WriteText("program", change.Program);
            writer.WriteString("change", change.HasAppeared ? "appeared" : "gone");
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        DocumentList.WriteRemarks(writer, report.Remarks);
        writer.WriteEndObject();
    }

    /// <summary>The answer of <c>/api/v1/fleet/ports/{port}</c>.</summary>
    public static void Write(IBufferWriter<byte> output, ushort port, IEnumerable<FleetHolder> holders, IEnumerable<Remark> remarks)
    {
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteNumber("port", port);
        writer.WriteStartArray("holders");
        foreach (var holder in holders)
        {
            writer.WriteStartObject();
            writer.WriteText("instance", holder.Instance);
            writer.WriteText("address", holder.Address);
            writer.WriteText("program", holder.Program);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        DocumentList.WriteRemarks(writer, remarks);
        writer.WriteEndObject();
    }

    private static void WriteHost(Utf8JsonWriter writer, FleetHost host)
    {
        writer.WriteStartObject();
        writer.WriteText("instance", host.Instance);
        writer.WriteBoolean("up", host.IsUp);
        if (host.Ephemeral is { } ephemeral)
        {
            writer.WriteStartObject("ephemeral");
            writer.WriteText("destination", ephemeral.Destination);
            writer.WriteNumber("used", ephemeral.Used);
            writer.WriteNumber("size", ephemeral.Size);
            writer.WriteText("fullAt", ephemeral.FullAt?.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            writer.WriteEndObject();
        }
        else
            writer.WriteNull("ephemeral");
        writer.WriteStartArray("bindFailures");
        foreach (var one in host.Failures)
        {
            writer.WriteStartObject();
            writer.WriteText("cause", one.Cause);
            writer.WriteText("program", one.Program);
            writer.WriteNumber("count", one.Count);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
