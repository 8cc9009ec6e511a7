using System.Text.Json;
using Bindwise.Rendering.Escaping;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Events;

/// <summary>What a line turned out to be.</summary>
internal enum LineKind : byte
{
    /// <summary>No document of ours, or a damaged one.</summary>
    Unreadable,

    /// <summary>An event whose word this version does not know.</summary>
    UnknownEvent,

    Event,

    Census,
}

/// <summary>
/// Reads a line of <c>bindwise.event/1</c>. Fields that are unknown are passed over; the document <c>diagnosis</c> is passed over, too, and
/// only where it stands is kept, since few questions need it.
/// </summary>
internal static class EventReader
{
    private const int MostTexts = 64;

    private static ReadOnlySpan<byte> CensusStart => "{\"schema\":\"bindwise.census/1\","u8;

    /// <summary>Reads a line.</summary>
    /// <param name="line">The line, without its end.</param>
    /// <param name="happened">The event, without its diagnosis; null unless it is one.</param>
    /// <param name="diagnosis">Where in the line the diagnosis stands; empty for none.</param>
    public static LineKind Read(ReadOnlySpan<byte> line, out PortEvent? happened, out Range diagnosis)
    {
        happened = null;
        diagnosis = default;
        if (line.StartsWith(CensusStart))
            return LineKind.Census;
        if (!IsHarmless(line))
            return LineKind.Unreadable;
        try
        {
            var fields = new EventFields();
            return fields.Read(line, out happened, out diagnosis);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            happened = null;
            return LineKind.Unreadable;
        }
    }

    /// <summary>What Bindwise writes holds no character that a terminal must not get: a line that does is not its own.</summary>
    internal static bool IsHarmless(ReadOnlySpan<byte> line)
    {
        var at = line.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        while (at >= 0)
        {
            var status = Rune.DecodeFromUtf8(line[at..], out var rune, out var length);
            if (status != System.Buffers.OperationStatus.Done || Escaper.IsHarmful(rune))
                return false;
            line = line[(at + length)..];
            at = line.IndexOfAnyExceptInRange((byte)' ', (byte)'~');
        }
        return true;
    }

    /// <summary>The strings of an array, at most so many; null for null.</summary>
    internal static ImmutableArray<string>? Texts(ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.Null)
            return null;
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new FormatException();
        var texts = ImmutableArray.CreateBuilder<string>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (texts.Count < MostTexts)
                texts.Add(reader.GetString() ?? "");
        }
        return texts.ToImmutable();
    }
}

/// <summary>The fields of an event, as they come.</summary>
internal ref struct EventFields
{
    private bool _isEvent;
    private string? _word;
    private DateTimeOffset? _time;
    private string? _protocol;
    private string? _call;
    private string? _result;
    private PortEvent _event;

    public LineKind Read(ReadOnlySpan<byte> line, out PortEvent? happened, out Range diagnosis)
    {
        happened = null;
        diagnosis = default;
        _event = new PortEvent { Time = default, Kind = default };
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return LineKind.Unreadable;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("diagnosis"u8))
            {
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                if (line[start] == '{')
                    diagnosis = start..(int)reader.BytesConsumed;
            }
            else
                ReadField(ref reader);
        }
        // Nothing may follow the document.
        if (reader.Read() || !_isEvent || _time is not { } time || _word is null)
            return LineKind.Unreadable;
        if (PortEventWords.KindOf(_word) is not { } kind)
            return LineKind.UnknownEvent;
        happened = _event with
        {
            Time = time,
            Kind = kind,
            Protocol = _protocol switch
            {
                "tcp" => Protocol.Tcp,
                "udp" => Protocol.Udp,
                "unix" => Protocol.Unix,
                _ => null,
            },
            Call = _call is null ? null : PortEventWords.CallOf(_call),
            Result = _result ?? "ok",
        };
        return LineKind.Event;
    }

    private void ReadField(ref Utf8JsonReader reader)
    {
        switch (reader.GetString())
        {
            case "schema":
                reader.Read();
                _isEvent = reader.ValueTextEquals(EventJson.Schema);
                break;
            case "time":
                _time = Moment(ref reader) ?? throw new FormatException();
                break;
            case "event":
                _word = Text(ref reader);
                break;
            case "protocol":
                _protocol = Text(ref reader);
                break;
            case "call":
                _call = Text(ref reader);
                break;
            case "result":
                _result = Text(ref reader);
                break;
            case "pid":
                _event = _event with { ProcessId = (int)(Number(ref reader) ?? 0) };
                break;
            case "previousPid":
                _event = _event with { PreviousProcessId = (int?)Number(ref reader) };
                break;
            case "count":
                _event = _event with { Count = Math.Max(1, Number(ref reader) ?? 1) };
                break;
            case "lastTime":
                _event = _event with { LastTime = Moment(ref reader) };
                break;
            case var name:
                ReadFact(name, ref reader);
                break;
        }
    }

    private void ReadFact(string? name, ref Utf8JsonReader reader)
    {
        _event = name switch
        {
            "address" => _event with { Address = Text(ref reader) },
            "reason" => _event with { Reason = Text(ref reader) },
            "cause" => _event with { Cause = Text(ref reader) },
            "summary" => _event with { Summary = Text(ref reader) },
            "program" => _event with { Program = Text(ref reader) },
            "command" => _event with { Command = Text(ref reader) },
            "cgroup" => _event with { Cgroup = Text(ref reader) },
            "userId" => _event with { UserId = checked((uint?)Number(ref reader)) },
            "networkNamespace" => _event with { NetworkNamespace = checked((ulong?)Number(ref reader)) },
            "options" => _event with { Options = reader.Read() ? EventReader.Texts(ref reader) : null },
            "limits" => _event with { Limits = (reader.Read() ? EventReader.Texts(ref reader) : null) ?? [] },
            _ => Pass(ref reader),
        };
    }

    private readonly PortEvent Pass(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
        return _event;
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.GetString();
    }

    private static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();
    }

    private static DateTimeOffset? Moment(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : reader.GetDateTimeOffset().ToUniversalTime();
    }
}
