using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Bindwise.Rendering.Json;

/// <summary>What happened to a socket of a program.</summary>
/// <param name="Time">When.</param>
/// <param name="ProcessId">Whose socket it is.</param>
/// <param name="Event">As <c>bind</c>, <c>bind-failed</c>.</param>
/// <param name="Address">Where; null where it is not known.</param>
/// <param name="Result"><c>ok</c>, or the errno's name.</param>
/// <param name="Reason">What the event was about; null for nothing.</param>
internal sealed record ProgramEvent(DateTimeOffset Time, int ProcessId, string Event, IpEndpoint? Address, string Result, string? Reason);

/// <summary>An event as one line of JSON: what <c>bindwise run --events</c> writes (docs/json.md, docs/schema/event.schema.json).</summary>
internal static class EventJson
{
    /// <summary>The name and version of the form, the first field of every document.</summary>
    public const string Schema = "bindwise.event/1";

    /// <summary>Writes the event as one line of UTF-8, without the line's end.</summary>
    public static void Write(IBufferWriter<byte> output, ProgramEvent happened)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(happened);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("schema", Schema);
        writer.WriteText("time", happened.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        writer.WriteNumber("pid", happened.ProcessId);
        writer.WriteText("event", happened.Event);
        writer.WriteText("address", happened.Address?.ToString());
        writer.WriteText("result", happened.Result);
        writer.WriteText("reason", happened.Reason);
        writer.WriteEndObject();
    }
}
