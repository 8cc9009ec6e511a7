using System.Buffers;
using System.Text.Json;
using Bindwise.Lab.Drawing.Sequences;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Reading;
using Bindwise.Rendering.Explaining;
using Bindwise.Rendering.Json;
using Bindwise.Rendering.Scenarios;

namespace Bindwise.Lab.Answering;

/// <summary>A scenario that a reader typed: checked, played, and traced step by step.</summary>
internal static class ScenarioCalls
{
    // The command line's name for what comes from no file: faults are told as `lab run -` tells them.
    private const string Input = "standard input";

    private static readonly ScenarioFault Second = new("a second scenario begins here; give one at a time");

    /// <summary>The steps, without expectations, each with its line; or the faults.</summary>
    /// <param name="text">A .bind text or a JSON document, as UTF-8.</param>
    public static void Parse(IBufferWriter<byte> output, byte[] text)
    {
        var parse = Read(text);
        using var writer = new Utf8JsonWriter(output);
        writer.WriteStartObject();
        var steps = (parse.Scenario?.Steps ?? []).Select(static (step, index) => (Step: step, Index: index));
        writer.WriteList("steps", steps.Where(static one => one.Step is not ExpectStep), one =>
        {
            writer.WriteNumber("line", LineOf(parse, one.Index));
            writer.WriteText("text", BindText.Write(one.Step));
        });
        writer.WriteList("faults", parse.Faults, fault => WriteFault(writer, fault));
        writer.WriteEndObject();
    }

    /// <summary>What <c>lab run --on model --json</c> prints.</summary>
    public static void Play(IBufferWriter<byte> output, byte[] text, PlatformProfile platform)
    {
        var parse = Playable(text);
        var result = ScenarioHosts.DocumentsOf(platform).Play(parse.Scenario!);
        if (result.Error is { } error)
            throw Unplayable(parse, result.Steps.Length, error);
        ScenarioResultJson.Write(output, result);
    }

    /// <summary>What happens step by step, without expectations.</summary>
    public static void Trace(IBufferWriter<byte> output, byte[] text, PlatformProfile platform, CancellationToken cancellation = default)
    {
        var parse = Playable(text);
        var trace = ScenarioTrace.Of(parse.Scenario!, platform, cancellation);
        if (trace.Error is { } error)
            throw Unplayable(parse, trace.Played, error);
        TraceJson.Write(output, trace);
    }

    private static ScenarioParse Playable(byte[] text)
    {
        var parse = Read(text);
        return parse.IsSuccess ? parse : throw new BadInputException(parse.Fault!.At(Input));
    }

    // The first fault of all, as the command line meets them.
    private static ScenarioParse Read(byte[] text)
    {
        ScenarioParse? only = null;
        foreach (var parse in ScenarioDocuments.Read(new MemoryStream(text)))
        {
            if (!parse.IsSuccess)
                return parse;
            if (only is not null)
                return new ScenarioParse(null, [Second with { Line = parse.Line }]);
            only = parse;
        }
        return only!;
    }

    private static void WriteFault(Utf8JsonWriter writer, ScenarioFault fault)
    {
        writer.WriteNumber("line", fault.Line);
        writer.WriteNumber("column", fault.Column);
        writer.WriteNumber("step", fault.Step);
        writer.WriteText("message", fault.ToString());
    }

    // A text without a mistake: a page shows the sentence by itself, beside the text.
    private static BadInputException Unplayable(ScenarioParse parse, int step, string error) =>
        new(string.Create(CultureInfo.InvariantCulture, $"line {LineOf(parse, step)}: {error}"));

    private static int LineOf(ScenarioParse parse, int step) => step < parse.Positions.Length ? parse.Positions[step].Line : parse.Line;
}

/// <summary>
/// A trace as JSON. Fields of a segment that say nothing are left out: a time that is the step's, a fate that is to arrive, no data.
/// </summary>
internal static class TraceJson
{
    public static void Write(IBufferWriter<byte> output, ScenarioTrace trace)
    {
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteList("steps", trace.Steps, step => WriteStep(writer, step));
        writer.WriteEndObject();
    }

    private static void WriteStep(Utf8JsonWriter writer, TracedStep step)
    {
        writer.WriteText("result", step.Result.Result);
        writer.WriteText("rule", step.Result.Rule);
        writer.WriteText("page", step.Result.Rule is { } rule ? SiteAddress.OfRule(rule) : null);
        writer.WriteNumber("time", step.End.TotalSeconds);
        SocketRowJson.Write(writer, "sockets", step.Sockets);
        WriteSegments(writer, step);
        WriteStates(writer, step);
        writer.WriteText("because", step.Result.Because);
        writer.WriteTexts("blockers", step.Result.Blockers);
    }

    private static void WriteSegments(Utf8JsonWriter writer, TracedStep step)
    {
        writer.WriteList("segments", step.Events.OfType<SegmentEvent>(), segment =>
        {
            writer.WriteText("from", segment.From.ToString());
            writer.WriteText("to", segment.To.ToString());
            writer.WriteText("flags", SegmentText.Of(segment.Flags));
            WriteTime(writer, segment, step);
            if (SegmentText.Of(segment.Fate).TrimEnd() is { Length: > 0 } fate)
                writer.WriteText("fate", fate);
            if (segment.Bytes > 0)
                writer.WriteNumber("bytes", segment.Bytes);
        });
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
