using System.Buffers;
using System.Text.Json;
using Bindwise.Lab.Playing;
using Bindwise.Lab.Reading;
using Bindwise.Lab.Recording;
using Bindwise.Model.Platforms;
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
        writer.WriteStartArray("steps");
        for (var index = 0; index < parse.Scenario?.Steps.Length; index++)
        {
            if (parse.Scenario.Steps[index] is ExpectStep)
                continue;
            writer.WriteStartObject();
            writer.WriteNumber("line", parse.Positions.IsEmpty ? parse.Line : parse.Positions[index].Line);
            writer.WriteText("text", BindText.Write(parse.Scenario.Steps[index]));
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
        writer.WriteStartArray("faults");
        foreach (var fault in parse.Faults)
            WriteFault(writer, fault);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>What <c>lab run --on model --json</c> prints.</summary>
    public static void Play(IBufferWriter<byte> output, byte[] text, PlatformProfile platform)
    {
        var (scenario, line) = Playable(text);
        var result = ScenarioHosts.DocumentsOf(platform).Play(scenario);
        if (result.Error is { } error)
            throw Unplayable(line, error);
        ScenarioResultJson.Write(output, result);
    }

    /// <summary>What happens step by step, without expectations.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="text">The scenario.</param>
    /// <param name="platform">By whose rules.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public static void Trace(IBufferWriter<byte> output, byte[] text, PlatformProfile platform, CancellationToken cancellation = default)
    {
        var (scenario, line) = Playable(text);
        var trace = ScenarioTrace.Of(scenario, platform, cancellation);
        if (trace.Error is { } error)
            throw Unplayable(line, error);
        TraceJson.Write(output, trace);
    }

    private static (Scenario Scenario, int Line) Playable(byte[] text)
    {
        var parse = Read(text);
        return parse.Scenario is { } scenario ? (scenario, parse.Line) : throw new BadInputException(parse.Fault!.At(Input));
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
        writer.WriteStartObject();
        writer.WriteNumber("line", fault.Line);
        writer.WriteNumber("column", fault.Column);
        if (fault.Step is { } step)
            writer.WriteNumber("step", step);
        else
            writer.WriteNull("step");
        writer.WriteText("message", fault.ToString());
        writer.WriteEndObject();
    }

    private static BadInputException Unplayable(int line, string error) =>
        new(string.Create(CultureInfo.InvariantCulture, $"{Input}:{line}: {error}"));
}
