namespace Bindwise.Rendering.Freeing;

/// <summary>What was done to free a port, as one line of JSON: docs/schema/free.schema.json.</summary>
internal static class FreeJson
{
    /// <summary>The name and version of this form.</summary>
    public const string Schema = "bindwise.free/1";

    /// <summary>Writes the result, without the line's end.</summary>
    public static void Write(IBufferWriter<byte> output, FreeResult result) => JsonText.Document(output, Schema, writer =>
    {
        DiagnosisJson.WriteTarget(writer, result.Diagnosis.Target, result.Diagnosis.Port);
        writer.WriteText("outcome", Name(result.Outcome));
        writer.WriteText("reason", result.Reason);
        writer.WriteText("explanation", result.Explanation);
        writer.WriteList("actions", result.Steps, step => WriteStep(writer, step));
        writer.WriteText("after", DiagnosisJson.Name(result.Diagnosis.Verdict));
    });

    private static void WriteStep(Utf8JsonWriter writer, FreeStep step)
    {
        var action = step.Action;
        writer.WriteText("kind", Name(action.Kind));
        writer.WriteNumber("pid", action.Process?.Id);
        writer.WriteText("signal", action.Signal);
        writer.WriteText("unit", action.Unit);
        writer.WriteText("container", action.Container);
        writer.WriteText("text", step.Result == "planned" ? action.Text + FreeText.ConditionOf(action) : action.Text);
        writer.WriteText("result", step.Result);
        writer.WriteText("detail", step.Detail);
    }

    private static string Name(FreeOutcome outcome) => outcome switch
    {
        FreeOutcome.AlreadyFree => "already-free",
        FreeOutcome.Freed => "freed",
        FreeOutcome.WouldFree => "would-free",
        FreeOutcome.WouldNotFree => "would-not-free",
        FreeOutcome.Refused => "refused",
        FreeOutcome.Declined => "declined",
        _ => "failed",
    };

    private static string Name(FreeActionKind kind) => kind switch
    {
        FreeActionKind.StopUnit => "stop-unit",
        FreeActionKind.StopContainer => "stop-container",
        FreeActionKind.Signal => "signal",
        FreeActionKind.Continue => "continue",
        FreeActionKind.DestroySocket => "destroy-socket",
        FreeActionKind.UnlinkFile => "unlink-file",
        _ => "wait",
    };
}
