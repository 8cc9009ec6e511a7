using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using Bindwise.Model.Scenarios.Json;
using Bindwise.Model.Text;

namespace Bindwise.Model.Scenarios;

/// <summary>Scenarios as JSON, the form for programs: one document a line. docs/scenario-language.md has the fields.</summary>
internal static class ScenarioJson
{
    /// <summary>A longer document is refused: 32 MiB, more than the largest scenario takes.</summary>
    public const int MaximumBytes = 32 * 1024 * 1024;

    /// <summary>Reads one document. Never throws, whatever the bytes.</summary>
    /// <param name="line">The line of the stream on which it starts, from 1.</param>
    public static ScenarioParse Parse(ReadOnlySpan<byte> utf8, int line = 1)
    {
        if (utf8.Length > MaximumBytes)
            return Failure([], line, "the document is larger than 32 MiB; split the scenario", -1, null);
        if (!Utf8.IsValid(utf8))
            return Failure([], line, "the document is not UTF-8; save it as UTF-8", -1, null);
        var document = JsonBytes.WithoutMark(utf8);
        var start = utf8.Length - document.Length;
        var reader = new JsonScenarioReader(document);
        try
        {
            if (reader.Read())
                return new ScenarioParse(reader.Scenario, []) { Name = reader.Name, Line = line };
            return Failure(utf8, line, reader.Wrong!, start + reader.WrongAt, reader.WrongStep);
        }
        catch (JsonException)
        {
            return JsonBytes.IsCutOff(document)
                ? Failure(utf8, line, "the document is cut off; write each document on one line", utf8.Length, reader.WrongStep)
                : Failure(utf8, line, "this is not JSON; write each document on one line", start + reader.Consumed, reader.WrongStep);
        }
    }

    /// <summary>Reads one document. Never throws, whatever the text.</summary>
    /// <param name="line">The line of the stream on which it starts, from 1.</param>
    public static ScenarioParse Parse(string text, int line = 1) => Parse(Encoding.UTF8.GetBytes(text), line);

    /// <summary>Writes a scenario as one line, without the line's end.</summary>
    /// <exception cref="ArgumentException">The scenario is not valid (<see cref="ScenarioRules"/>).</exception>
    public static string Write(Scenario scenario)
    {
        ScenarioRules.ThrowIfNotValid(scenario);
        var buffer = new ArrayBufferWriter<byte>();
        JsonScenarioWriter.Write(buffer, scenario);
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    /// <summary>The bytes are one JSON document, whatever it says; it may go over several lines.</summary>
    internal static bool IsOneDocument(ReadOnlySpan<byte> utf8) => JsonBytes.IsWhole(JsonBytes.WithoutMark(utf8));

    private static ScenarioParse Failure(ReadOnlySpan<byte> utf8, int line, string what, int at, int? step)
    {
        var before = utf8[..Math.Max(at, 0)];
        var fault = new ScenarioFault(what)
        {
            Line = line + before.Count((byte)'\n'),
            Column = at < 0 ? 0 : at - before.LastIndexOf((byte)'\n'),
            Step = step,
        };
        return new ScenarioParse(null, [fault]) { Name = JsonName.Find(JsonBytes.WithoutMark(utf8)), Line = line };
    }
}
