using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Sockets;
using Bindwise.Model.Targets;
using Bindwise.Rendering.Sockets;
using Bindwise.Rendering.Text;

namespace Bindwise.Rendering.Json;

/// <summary>A target after it was waited for, as one line of JSON: what <c>bindwise wait --json</c> prints (docs/json.md, docs/schema/wait.schema.json).</summary>
public static class WaitJson
{
    /// <summary>The name and version of the form, the first field of every document.</summary>
    public const string Schema = "bindwise.wait/1";

    /// <summary>Writes the outcome as one line of UTF-8, without the line's end.</summary>
    public static void Write(IBufferWriter<byte> output, WaitOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(outcome);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("schema", Schema);
        DiagnosisJson.WriteTarget(writer, outcome.Target, outcome.Port);
        writer.WriteText("until", outcome.Until);
        writer.WriteBoolean("met", outcome.IsMet);
        writer.WritePropertyName("secondsWaited");
        writer.WriteRawValue(SocketText.Seconds((int)Math.Min(int.MaxValue, outcome.Waited.TotalMilliseconds)), skipInputValidation: true);
        writer.WriteText("verdict", outcome.Diagnosis is { } diagnosis ? DiagnosisJson.Name(diagnosis.Verdict) : null);
        writer.WriteText("cause", outcome.Diagnosis?.Cause.Id());
        writer.WriteText("summary", outcome.Diagnosis?.Summary);
        writer.WriteText("freeAt", outcome.Diagnosis is { FreeAt: { } freeAt } blocked ? new Moments(blocked.TakenAt).Iso(freeAt) : null);
        writer.WriteTexts("listeners", outcome.Listeners.Select(SocketText.Local).Distinct());
        writer.WriteEndObject();
    }
}

/// <summary>What became of a target that was waited for.</summary>
/// <param name="Target">The target.</param>
/// <param name="Port">The port, a service name resolved; null for UNIX.</param>
/// <param name="Until">What it was waited to be: free, listening or closed.</param>
/// <param name="IsMet">It is.</param>
/// <param name="Waited">How long it took until it was, or how long it was waited for.</param>
public sealed record WaitOutcome(Target Target, ushort? Port, string Until, bool IsMet, TimeSpan Waited)
{
    /// <summary>The last answer; null where none was asked for.</summary>
    public Diagnosis? Diagnosis { get; init; }

    /// <summary>Who listened when it was looked last.</summary>
    public ImmutableArray<HeldSocket> Listeners { get; init; } = [];
}
