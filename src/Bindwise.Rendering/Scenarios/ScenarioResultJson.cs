using Bindwise.Model.Scenarios;
using Bindwise.Model.Scenarios.Recording;

namespace Bindwise.Rendering.Scenarios;

/// <summary>What playing a scenario gave, as one line of JSON: what <c>lab run --json</c> prints.</summary>
internal static class ScenarioResultJson
{
    /// <summary>Writes a result as one line of UTF-8, without the line's end. One that was not played to its end is an error.</summary>
    public static void Write(IBufferWriter<byte> output, ScenarioResult result)
    {
        if (result.Error is { } error)
        {
            WriteError(output, result.Scenario.Name, error);
            return;
        }
        using var writer = Begin(output, result.Scenario.Name);
        writer.WriteStartArray("steps");
        for (var index = 0; index < result.Steps.Length; index++)
            WriteStep(writer, index, result.Steps[index]);
        writer.WriteEndArray();
        writer.WriteBoolean("mismatch", result.IsMismatch);
        writer.WriteEndObject();
    }

    /// <summary>Writes the answer to a document that is no scenario, or that could not be played.</summary>
    public static void WriteError(IBufferWriter<byte> output, string name, string error)
    {
        using var writer = Begin(output, name);
        writer.WriteText("error", error);
        writer.WriteEndObject();
    }

    private static Utf8JsonWriter Begin(IBufferWriter<byte> output, string name)
    {
        // Names are constants and texts are quoted by JsonText; validation would only repeat what the tests hold.
        var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteText("name", name);
        return writer;
    }

    private static void WriteStep(Utf8JsonWriter writer, int index, StepOutcome outcome)
    {
        writer.WriteStartObject();
        writer.WriteNumber("index", index);
        writer.WriteText("result", outcome.Result);
        if (outcome is { Model: { } model, Kernel: { } kernel })
        {
            writer.WriteText("model", model.Result);
            writer.WriteText("kernel", kernel.Result);
        }
        writer.WriteText("rule", outcome.Rule);
        writer.WriteTexts("blockers", outcome.Blockers);
        writer.WriteText("because", outcome.Because);
        writer.WriteEndObject();
    }
}

/// <summary>The lines of a host's socket table as JSON: docs/schema/claim.schema.json has the fields.</summary>
internal static class SocketRowJson
{
    public static void Write(Utf8JsonWriter writer, string name, ImmutableArray<SocketRow> rows) => writer.WriteList(name, rows, row =>
    {
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
    });
}
