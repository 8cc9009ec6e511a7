using System.Text.Json;
using System.Text.RegularExpressions;
using Bindwise.Model.Diagnosing;
using Bindwise.Rendering.Escaping;
using ModelContextProtocol.Protocol;

namespace Bindwise.Cli.Verbs.Mcp;

/// <summary>What a tool gives back: a text to read, bounded, and the lines of the verb's <c>--json</c>.</summary>
internal sealed partial class ToolAnswer
{
    public const string Results = "results";
    public const string LeftOut = "leftOut";
    public const string Confirm = "confirm";

    /// <summary>The longest text, in characters: what an agent can read without losing its thread.</summary>
    public const int MostChars = 16_000;

    /// <summary>The most bytes of results; what does not fit is counted.</summary>
    public const int MostBytes = 200_000;

    [GeneratedRegex("[ (]--[a-z]")]
    private static partial Regex OptionName();

    private const string OfCommandLine =
        " (what begins with -- is an option of the command line: a tool has only the parameters of its schema)";

    private readonly StringBuilder _text = new();
    private readonly List<ReadOnlyMemory<byte>> _results = [];
    private int _bytes;
    private int _linesLeftOut;
    private string? _confirm;
    private bool _isError;

    public int ResultsLeftOut { get; private set; }

    /// <summary>A call that cannot be answered: one line that says why, and what to do.</summary>
    public static ToolAnswer Fault(string message)
    {
        var namesOption = OptionName().IsMatch(message);
        return new ToolAnswer { _isError = true }.Say(Escaper.EscapeSentence(namesOption ? message + OfCommandLine : message));
    }

    /// <summary>Adds lines of text that are escaped already.</summary>
    public ToolAnswer Say(string text)
    {
        foreach (var line in text.Split('\n'))
        {
            if (_linesLeftOut > 0 || _text.Length + line.Length + 1 > MostChars)
                _linesLeftOut++;
            else
                _text.Append(line).Append('\n');
        }
        return this;
    }

    public ToolAnswer Add(Action<IBufferWriter<byte>> write)
    {
        var line = new ArrayBufferWriter<byte>();
        write(line);
        return Add(line.WrittenMemory);
    }

    /// <summary>Adds a line of <c>--json</c>, without its end.</summary>
    public ToolAnswer Add(ReadOnlyMemory<byte> line)
    {
        if (ResultsLeftOut > 0 || _bytes + line.Length > MostBytes)
        {
            ResultsLeftOut++;
            return this;
        }
        _bytes += line.Length;
        _results.Add(line);
        return this;
    }

    /// <summary>Counts results that were not asked for.</summary>
    public ToolAnswer Omit(int count)
    {
        ResultsLeftOut += count;
        return this;
    }

    /// <summary>Says by which word exactly this is done.</summary>
    public ToolAnswer ConfirmedBy(string id)
    {
        _confirm = id;
        return this;
    }

    public CallToolResult ToProtocol()
    {
        var text = _text.ToString().TrimEnd('\n');
        if (_linesLeftOut > 0)
            text += $"\n({Wording.Count(_linesLeftOut, "more line", "more lines")}: ask for less at a time)";
        return new CallToolResult
        {
            Content = [new TextContentBlock { Text = text }],
            StructuredContent = _isError ? null : Structured(),
            IsError = _isError,
        };
    }

    private JsonElement Structured()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            writer.WriteStartArray(Results);
            foreach (var result in _results)
                writer.WriteRawValue(result.Span, skipInputValidation: true);
            writer.WriteEndArray();
            writer.WriteNumber(LeftOut, ResultsLeftOut);
            if (_confirm is not null)
                writer.WriteString(Confirm, _confirm);
            writer.WriteEndObject();
        }
        using var document = JsonDocument.Parse(bytes.WrittenMemory);
        return document.RootElement.Clone();
    }
}
