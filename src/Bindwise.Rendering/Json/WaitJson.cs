using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>
/// A target after it was waited for, as one line of JSON: what <c>bindwise wait --json</c> prints (docs/json.md,
/// docs/schema/wait.schema.json).
/// </summary>
internal static class WaitJson
{
    public const string Schema = "bindwise.wait/1";

    public static void Write(IBufferWriter<byte> output, WaitOutcome outcome) => JsonText.Document(output, Schema, writer =>
    {
        DiagnosisJson.WriteTarget(writer, outcome.Target, outcome.Port);
        writer.WriteText("until", outcome.Until);
        writer.WriteBoolean("met", outcome.IsMet);
        writer.WritePropertyName("secondsWaited");
        writer.WriteRawValue(SocketText.Seconds((int)Math.Min(int.MaxValue, outcome.Waited.TotalMilliseconds)), skipInputValidation: true);
        writer.WriteText("verdict", outcome.Diagnosis is { } diagnosis ? DiagnosisJson.Name(diagnosis.Verdict) : null);
        writer.WriteText("cause", outcome.Diagnosis?.Cause.Id());
        writer.WriteText("summary", WaitText.Summary(outcome));
        writer.WriteText("freeAt", outcome.Diagnosis is { FreeAt: { } freeAt } blocked ? new Moments(blocked.TakenAt).Iso(freeAt) : null);
        writer.WriteTexts("listeners", outcome.Listeners.Select(SocketText.Local).Distinct());
    });
}
