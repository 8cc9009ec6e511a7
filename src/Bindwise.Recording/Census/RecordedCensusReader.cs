using System.Text.Json;
using Bindwise.Recording.Events;
using Bindwise.Rendering.Json;

namespace Bindwise.Recording.Census;

/// <summary>A census as it was recorded.</summary>
/// <param name="Time">When it was taken.</param>
/// <param name="Facts">What it says; null for the same as the one before.</param>
internal sealed record RecordedCensus(DateTimeOffset Time, CensusFacts? Facts);

/// <summary>Reads a line of <c>bindwise.census/1</c>; unknown fields are passed over.</summary>
internal static class RecordedCensusReader
{
    private const int MostSockets = 100_000;
    private const int MostStates = 64;

    /// <summary>When it was taken and whether it is whole, without reading the rest: what most questions need of most lines.</summary>
    public static DateTimeOffset? TimeOf(ReadOnlySpan<byte> line, out bool isWhole)
    {
        isWhole = false;
        var reader = new Utf8JsonReader(line);
        try
        {
            DateTimeOffset? time = null;
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isTime = reader.ValueTextEquals("time"u8);
                var isSame = reader.ValueTextEquals("same"u8);
                reader.Read();
                if (isTime)
                    time = reader.GetDateTimeOffset().ToUniversalTime();
                else if (isSame)
                {
                    isWhole = !reader.GetBoolean();
                    return time;
                }
                else
                    reader.Skip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
        return null;
    }

    /// <summary>Reads a line; null for what is no census.</summary>
    public static RecordedCensus? Read(ReadOnlySpan<byte> line)
    {
        try
        {
            return EventReader.IsHarmless(line) ? ReadDocument(line) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static RecordedCensus? ReadDocument(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        var (isCensus, isSame) = (false, false);
        DateTimeOffset? time = null;
        ImmutableArray<CensusRow> sockets = [];
        ImmutableArray<(string, int)> states = [];
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "schema":
                    isCensus = reader.ValueTextEquals(CensusJson.Schema);
                    break;
                case "time":
                    time = reader.GetDateTimeOffset().ToUniversalTime();
                    break;
                case "same":
                    isSame = reader.GetBoolean();
                    break;
                case "sockets":
                    sockets = Rows(ref reader);
                    break;
                case "states":
                    states = States(ref reader);
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        return !isCensus || time is not { } taken ? null : new RecordedCensus(taken, isSame ? null : new CensusFacts(sockets, states));
    }

    private static ImmutableArray<CensusRow> Rows(ref Utf8JsonReader reader)
    {
        var rows = ImmutableArray.CreateBuilder<CensusRow>();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new FormatException();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var row = Row(ref reader);
            if (row is not null && rows.Count < MostSockets)
                rows.Add(row);
        }
        return rows.ToImmutable();
    }

    private static CensusRow? Row(ref Utf8JsonReader reader)
    {
        string? protocol = null, address = null, state = null, program = null;
        var (space, process, user) = (0UL, 0, (uint?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString();
            reader.Read();
            switch (name)
            {
                case "protocol":
                    protocol = reader.GetString();
                    break;
                case "address":
                    address = reader.GetString();
                    break;
                case "state":
                    state = reader.GetString();
                    break;
                case "program":
                    program = reader.GetString();
                    break;
                case "networkNamespace":
                    space = reader.GetUInt64();
                    break;
                case "pid":
                    process = reader.GetInt32();
                    break;
                case "userId":
                    user = reader.TokenType == JsonTokenType.Null ? null : reader.GetUInt32();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        Protocol? known = protocol switch
        {
            "tcp" => Protocol.Tcp,
            "udp" => Protocol.Udp,
            "unix" => Protocol.Unix,
            _ => null,
        };
        return known is { } kind && address is not null && state is not null
            ? new CensusRow(kind, address, state, space, process, program, user) : null;
    }

    private static ImmutableArray<(string, int)> States(ref Utf8JsonReader reader)
    {
        var states = ImmutableArray.CreateBuilder<(string, int)>();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new FormatException();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            reader.Read();
            if (states.Count < MostStates)
                states.Add((name, reader.GetInt32()));
        }
        return states.ToImmutable();
    }
}
