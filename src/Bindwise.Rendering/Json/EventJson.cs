namespace Bindwise.Rendering.Json;

/// <summary>
/// An event as one line of JSON: what <c>run --events</c>, <c>watch --json</c>, <c>record</c> and <c>history --json</c> write
/// (docs/json.md, docs/schema/event.schema.json). Every field is always there.
/// </summary>
internal static class EventJson
{
    public const string Schema = "bindwise.event/1";

    /// <summary>The event as one line of JSON, without the line's end.</summary>
    public static string Render(PortEvent happened)
    {
        var buffer = new ArrayBufferWriter<byte>();
        Write(buffer, happened);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    public static void Write(IBufferWriter<byte> output, PortEvent happened)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("schema", Schema);
        writer.WriteText("time", Moment(happened.Time));
        writer.WriteNumber("pid", happened.ProcessId);
        writer.WriteText("event", PortEventWords.Of(happened.Kind));
        writer.WriteText("protocol", happened.Protocol is { } protocol ? DiagnosisJson.Name(protocol) : null);
        writer.WriteText("call", happened.Call is { } call ? PortEventWords.Of(call) : null);
        writer.WriteText("address", happened.Address);
        writer.WriteText("result", happened.Result);
        writer.WriteText("reason", happened.Reason);
        writer.WriteText("cause", happened.Cause);
        writer.WriteText("summary", happened.Summary);
        writer.WriteNumber("previousPid", happened.PreviousProcessId);
        writer.WriteText("program", happened.Program);
        writer.WriteText("command", happened.Command);
        writer.WriteNumber("userId", happened.UserId);
        writer.WriteNumber("networkNamespace", happened.NetworkNamespace);
        writer.WriteText("cgroup", happened.Cgroup);
        if (happened.Options is { } options)
            writer.WriteTexts("options", options);
        else
            writer.WriteNull("options");
        writer.WriteNumber("count", happened.Count);
        writer.WriteText("lastTime", happened.LastTime is { } last ? Moment(last) : null);
        writer.WriteTexts("limits", happened.Limits);
        if (happened.Diagnosis is { } diagnosis)
        {
            writer.WritePropertyName("diagnosis");
            writer.Flush();
            DiagnosisJson.Write(output, diagnosis);
            output.Write("}"u8);
            return;
        }
        writer.WriteNull("diagnosis");
        writer.WriteEndObject();
    }

    private static string Moment(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);
}
