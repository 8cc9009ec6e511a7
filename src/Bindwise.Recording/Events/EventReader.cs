using System.Text.Json;
using Bindwise.Rendering.Escaping;

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
            return ReadDocument(line, out happened, out diagnosis);
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

    private static LineKind ReadDocument(ReadOnlySpan<byte> line, out PortEvent? happened, out Range diagnosis)
    {
        happened = null;
        diagnosis = default;
        var isEvent = false;
        string? word = null;
        DateTimeOffset? time = null;
        var read = new PortEvent { Time = default, Kind = default };
        var reader = new Utf8JsonReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return LineKind.Unreadable;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "schema":
                    isEvent = reader.ValueTextEquals(EventJson.Schema);
                    break;
                case "time":
                    time = Moment(ref reader) ?? throw new FormatException();
                    break;
                case "event":
                    word = reader.GetString();
                    break;
                case "diagnosis":
                    var start = (int)reader.TokenStartIndex;
                    reader.Skip();
                    if (line[start] == '{')
                        diagnosis = start..(int)reader.BytesConsumed;
                    break;
                default:
                    read = With(read, name, ref reader);
                    break;
            }
        }
        // Nothing may follow the document.
        if (reader.Read() || !isEvent || time is null || word is null)
            return LineKind.Unreadable;
        if (PortEventWords.KindOf(word) is not { } kind)
            return LineKind.UnknownEvent;
        happened = read with { Time = time.Value, Kind = kind };
        return LineKind.Event;
    }

    private static PortEvent With(PortEvent read, string? name, ref Utf8JsonReader reader) => name switch
    {
        "protocol" => read with { Protocol = ProtocolOf(reader.GetString()) },
        "call" => read with { Call = reader.GetString() is { } call ? PortEventWords.CallOf(call) : null },
        "result" => read with { Result = reader.GetString() ?? "ok" },
        "pid" => read with { ProcessId = (int)(Number(ref reader) ?? 0) },
        "previousPid" => read with { PreviousProcessId = (int?)Number(ref reader) },
        "count" => read with { Count = Math.Max(1, Number(ref reader) ?? 1) },
        "lastTime" => read with { LastTime = Moment(ref reader) },
        "address" => read with { Address = reader.GetString() },
        "reason" => read with { Reason = reader.GetString() },
        "cause" => read with { Cause = reader.GetString() },
        "summary" => read with { Summary = reader.GetString() },
        "program" => read with { Program = reader.GetString() },
        "command" => read with { Command = reader.GetString() },
        "cgroup" => read with { Cgroup = reader.GetString() },
        "userId" => read with { UserId = checked((uint?)Number(ref reader)) },
        "networkNamespace" => read with { NetworkNamespace = checked((ulong?)Number(ref reader)) },
        "options" => read with { Options = Texts(ref reader) },
        "limits" => read with { Limits = Texts(ref reader) ?? [] },
        _ => PassOver(read, ref reader),
    };

    private static PortEvent PassOver(PortEvent read, ref Utf8JsonReader reader)
    {
        reader.Skip();
        return read;
    }

    private static Protocol? ProtocolOf(string? word) => word switch
    {
        "tcp" => Protocol.Tcp,
        "udp" => Protocol.Udp,
        "unix" => Protocol.Unix,
        _ => null,
    };

    private static long? Number(ref Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Null ? null : reader.GetInt64();

    private static DateTimeOffset? Moment(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.Null ? null : reader.GetDateTimeOffset().ToUniversalTime();
}
