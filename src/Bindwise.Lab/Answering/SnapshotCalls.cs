using System.Buffers;
using System.Text.Json;
using Bindwise.Model.Diagnosing;
using Bindwise.Model.Targets;
using Bindwise.Rendering;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Saving;
using Bindwise.Rendering.Text;

namespace Bindwise.Lab.Answering;

/// <summary>What happened on a reader's machine: a saved snapshot, or an error text.</summary>
internal static class SnapshotCalls
{
    /// <summary>What <c>why --snapshot</c> prints, and its exit code.</summary>
    /// <param name="target">What is asked; null for everything that was asked when it was taken.</param>
    /// <param name="isJson">A line of JSON an answer instead of text.</param>
    public static void Why(IBufferWriter<byte> output, byte[] snapshot, string name, string? target, Detail detail, bool isJson,
        CancellationToken cancellation = default)
    {
        var read = SnapshotFile.Read(snapshot);
        if (read.Value is not { } file)
            throw new BadInputException(SnapshotFile.WhyNot(name, read.Error!));
        var query = new SnapshotQuery(file, new ProgramOptions());
        var sequence = new AnswerSequence(new TextOptions(Detail: detail));
        var asked = target is null ? null : TypedTarget.AllOf(new ParseResult<string>(target), index: 0, isFollowing: false);
        var text = new StringBuilder();
        var errors = new List<string>();
        var worst = ExitCode.Success;
        foreach (var answer in query.Answers(asked))
        {
            cancellation.ThrowIfCancellationRequested();
            if (answer.Diagnosis is { } diagnosis)
            {
                worst = ExitCodes.Worst(worst, ExitCodes.Of(diagnosis.Verdict));
                text.Append(isJson ? DiagnosisJson.Render(diagnosis) + "\n"
                    : string.Concat(sequence.Next(diagnosis, answer.Text).Select(static line => line + "\n")));
                continue;
            }
            worst = ExitCodes.Worst(worst, ExitCode.Error);
            errors.Add(answer.Fault!);
        }
        if (text.Length == 0 && errors is [var error, ..])
            throw new BadInputException(error);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteString("text", text.ToString());
        writer.WriteNumber("exit", (int)worst);
        if (errors.Count > 0)
            writer.WriteTexts("errors", errors);
        writer.WriteEndObject();
    }

    /// <summary>
    /// What a pasted error names: the <c>target</c> of each line of <c>why - --json</c>; and of each, or of the one error that names no
    /// place, what it says and the causes that fit.
    /// </summary>
    public static void ReadError(IBufferWriter<byte> output, byte[] pasted)
    {
        var typed = TypedTarget.AllOf(PastedText.Read(pasted), index: 0, isFollowing: false).ToList();
        if (typed is [{ Error: { } error, WithoutPlace: null }])
            throw new BadInputException(error);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        writer.WriteStartArray("targets");
        foreach (var one in typed.Where(static one => one.Target is not null))
            DiagnosisJson.WriteTargetValue(writer, one.Target!, resolved: null);
        writer.WriteEndArray();
        writer.WriteList("errors", typed, one => WriteError(writer, one.Target?.Pasted ?? one.WithoutPlace, one.Target));
        if ((typed[^1].Note ?? typed[^1].Error) is { } note)
            writer.WriteText("note", note);
        writer.WriteEndObject();
    }

    private static void WriteError(Utf8JsonWriter writer, PastedError? error, Target? target)
    {
        writer.WriteText("errno", error?.Errno);
        writer.WriteText("system", error?.System is { } system ? PortableJson.NameOf(system) : null);
        writer.WriteTexts("causes", error is { Errno: { } errno, System: null }
            ? CauseBook.Of(errno, target).Select(static cause => cause.Id()) : []);
    }
}
