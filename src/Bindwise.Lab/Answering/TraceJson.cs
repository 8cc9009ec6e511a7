using System.Buffers;
using System.Text.Json;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Recording;
using Bindwise.Model.Scenarios.Recording;
using Bindwise.Rendering.Explaining;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Lab.Answering;

/// <summary>
/// A trace as JSON. Fields of a segment that say nothing are left out: a time that is the step's, a fate that is to arrive, no data.
/// </summary>
internal static class TraceJson
{
    public static void Write(IBufferWriter<byte> output, ScenarioTrace trace)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteStartArray("steps");
        foreach (var step in trace.Steps)
            WriteStep(writer, step);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter writer, TracedStep step)
    {
        writer.WriteStartObject();
        writer.WriteText("result", step.Result.Result);
        writer.WriteText("rule", step.Result.Rule);
        writer.WriteText("page", step.Result.Rule is { } rule ? SiteAddress.OfRule(rule) : null);
        writer.WriteNumber("time", step.End.TotalSeconds);
        SocketRowJson.Write(writer, "sockets", step.Sockets);
        WriteSegments(writer, step);
        WriteStates(writer, step);
        writer.WriteText("because", step.Result.Because);
        writer.WriteTexts("blockers", step.Result.Blockers);
        writer.WriteEndObject();
    }

    private static void WriteSegments(Utf8JsonWriter writer, TracedStep step)
    {
        writer.WriteStartArray("segments");
        foreach (var segment in step.Events.OfType<SegmentEvent>())
        {
            writer.WriteStartObject();
            writer.WriteText("from", segment.From.ToString());
            writer.WriteText("to", segment.To.ToString());
            writer.WriteText("flags", SegmentText.Of(segment.Flags));
            WriteTime(writer, segment, step);
            if (SegmentText.Of(segment.Fate).TrimEnd() is { Length: > 0 } fate)
                writer.WriteText("fate", fate);
            if (segment.Bytes > 0)
                writer.WriteNumber("bytes", segment.Bytes);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void WriteStates(Utf8JsonWriter writer, TracedStep step)
    {
        var segments = 0;
        writer.WriteStartArray("states");
        foreach (var happened in step.Events)
        {
            if (happened is not StateEvent change)
            {
                segments++;
                continue;
            }
            writer.WriteStartObject();
            writer.WriteText("socket", change.Socket);
            writer.WriteText("local", change.Local.ToString());
            writer.WriteText("remote", change.Remote?.ToString());
            writer.WriteText("from", NameOf(change.From));
            writer.WriteText("to", NameOf(change.To));
            writer.WriteNumber("after", segments);
            WriteTime(writer, change, step);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static string? NameOf(TcpSocketState? state) => state is { } known ? TcpStateNames.Of(known, Protocol.Tcp) : null;

    private static void WriteTime(Utf8JsonWriter writer, HostEvent happened, TracedStep step)
    {
        if (happened.At != step.End)
            writer.WriteNumber("time", happened.At.TotalSeconds);
    }
}
