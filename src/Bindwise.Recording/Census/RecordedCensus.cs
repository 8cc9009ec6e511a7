using System.Text.Json;

namespace Bindwise.Recording.Census;

/// <summary>A line of a census as it was recorded.</summary>
/// <param name="Facts">What this line says; null for the same as the census before.</param>
/// <param name="HasMore">The next line goes on with it.</param>
internal sealed record RecordedCensus(DateTimeOffset Time, CensusFacts? Facts, int Part = 1, bool HasMore = false);

/// <summary>Reads a line of <c>bindwise.census/1</c>; unknown fields are passed over.</summary>
internal static class RecordedCensusReader
{
    private const int MostStates = 64;

    /// <summary>Reads a line; null for what is no census.</summary>
    /// <param name="keepsSockets">False: they are checked, and left out, as most questions need of most lines.</param>
    public static RecordedCensus? Read(ReadOnlySpan<byte> line, bool keepsSockets = true)
    {
        try
        {
            return EventReader.IsHarmless(line) ? ReadDocument(line, keepsSockets) : null;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException or OverflowException)
        {
            return null;
        }
    }

    private static RecordedCensus? ReadDocument(ReadOnlySpan<byte> line, bool keepsSockets)
    {
        var reader = new Utf8JsonReader(line);
        bool isCensus = false, hasMore = false;
        bool? isSame = null;
        var (part, omitted) = (1, 0);
        DateTimeOffset? time = null;
        ImmutableArray<CensusRow>? sockets = null;
        ImmutableArray<(string, int)>? states = null;
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
                case "part":
                    part = reader.GetInt32();
                    break;
                case "sockets":
                    sockets = Rows(ref reader, keepsSockets);
                    break;
                case "states":
                    states = States(ref reader);
                    break;
                case "omitted":
                    omitted = reader.GetInt32();
                    break;
                case "more":
                    hasMore = reader.GetBoolean();
                    break;
                default:
                    reader.Skip();
                    break;
            }
        }
        if (!isCensus || time is not { } taken || isSame is null || part < 1 || omitted < 0 || reader.Read())
            return null;
        if (isSame == true)
            return new RecordedCensus(taken, null);
        return sockets is { } rows && states is { } counts
            ? new RecordedCensus(taken, new CensusFacts(rows, counts, omitted), part, hasMore) : null;
    }

    private static ImmutableArray<CensusRow> Rows(ref Utf8JsonReader reader, bool keeps)
    {
        var rows = ImmutableArray.CreateBuilder<CensusRow>();
        if (reader.TokenType != JsonTokenType.StartArray)
            throw new FormatException();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            if (Row(ref reader, keeps) is { } row)
                rows.Add(row);
        }
        if (reader.TokenType != JsonTokenType.EndArray)
            throw new FormatException();
        return rows.ToImmutable();
    }

    private static CensusRow? Row(ref Utf8JsonReader reader, bool keeps)
    {
        Protocol? protocol = null;
        string? address = null, state = null, program = null;
        var (space, process, user, isDualStack) = (0UL, 0, (uint?)null, (bool?)null);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("protocol"u8))
                protocol = ProtocolOf(ref reader);
            else if (reader.ValueTextEquals("address"u8))
                address = Text(ref reader, keeps);
            else if (reader.ValueTextEquals("state"u8))
                state = Text(ref reader, keeps);
            else if (reader.ValueTextEquals("program"u8))
                program = Text(ref reader, keeps);
            else if (reader.ValueTextEquals("networkNamespace"u8))
                space = reader.Read() ? reader.GetUInt64() : 0;
            else if (reader.ValueTextEquals("pid"u8))
                process = reader.Read() ? reader.GetInt32() : 0;
            else if (reader.ValueTextEquals("userId"u8))
                user = reader.Read() && reader.TokenType != JsonTokenType.Null ? reader.GetUInt32() : null;
            else if (reader.ValueTextEquals("dualStack"u8))
                isDualStack = reader.Read() ? reader.GetBoolean() : null;
            else if (reader.Read())
                reader.Skip();
        }
        return keeps && protocol is { } kind && address is not null && state is not null
            ? new CensusRow(kind, address, state, space, process, program, user, isDualStack) : null;
    }

    private static Protocol? ProtocolOf(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.ValueTextEquals("tcp"u8) ? Protocol.Tcp
            : reader.ValueTextEquals("udp"u8) ? Protocol.Udp
            : reader.ValueTextEquals("unix"u8) ? Protocol.Unix : null;
    }

    private static string? Text(ref Utf8JsonReader reader, bool keeps)
    {
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Null))
            throw new FormatException();
        return keeps ? reader.GetString() : null;
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

/// <summary>
/// The last census that is whole, from the lines of a record in their order. Where a line of a census is damaged or missing, what it said
/// is not known, and so is what later ones mean by "the same", until there is another that is whole.
/// </summary>
internal sealed class GatheredCensus
{
    /// <summary>More is no census of ours: a look keeps fewer.</summary>
    private const int MostSockets = 100_000;

    private readonly ImmutableArray<CensusRow>.Builder _rows = ImmutableArray.CreateBuilder<CensusRow>();
    private DateTimeOffset _time;
    private int _parts;
    private bool _isCurrent;

    /// <summary>What it says; null as long as there is none.</summary>
    public CensusFacts? Facts { get; private set; }

    /// <summary>When it was taken, or the last one that is the same.</summary>
    public DateTimeOffset Taken { get; private set; }

    /// <summary>Takes a line; null for one that is damaged. True: there is a later census now.</summary>
    public bool Take(RecordedCensus? line)
    {
        if (line is { Facts: null })
        {
            if (_isCurrent)
                Taken = line.Time;
            return _isCurrent;
        }
        _isCurrent = false;
        if (line is not { Facts: { } facts } || !GoesOn(line) || _rows.Count + facts.Sockets.Length > MostSockets)
        {
            _parts = 0;
            return false;
        }
        _rows.AddRange(facts.Sockets);
        (_time, _parts) = (line.Time, line.Part);
        if (line.HasMore)
            return false;
        (Facts, Taken, _isCurrent, _parts) = (facts with { Sockets = _rows.ToImmutable() }, line.Time, true, 0);
        return true;
    }

    private bool GoesOn(RecordedCensus line)
    {
        if (line.Part > 1)
            return _parts > 0 && line.Part == _parts + 1 && line.Time == _time;
        _rows.Clear();
        return true;
    }
}
