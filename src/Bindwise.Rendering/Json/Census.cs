using Bindwise.Model.Events;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>Which line of a census, and the first socket in it: one of very many sockets takes several lines.</summary>
internal readonly record struct CensusPart(int Number, int First)
{
    public static CensusPart Beginning => new(1, 0);
}

/// <summary>
/// A census as a line of JSON, or several: what <c>record</c> writes every 10 s (docs/json.md, docs/schema/census.schema.json).
/// </summary>
internal static class CensusJson
{
    public const string Schema = "bindwise.census/1";

    /// <summary>A line that is longer takes no further socket: one has some hundred bytes, its name may have each byte as six.</summary>
    internal const int EnoughBytes = 256 << 10;

    /// <param name="facts">What it says; null for the same as the one before.</param>
    /// <returns>The next line of this census; null after its last.</returns>
    public static CensusPart? Write(IBufferWriter<byte> output, DateTimeOffset time, CensusFacts? facts, CensusPart part)
    {
        CensusPart? next = null;
        JsonText.Document(output, Schema, writer =>
        {
            writer.WriteText("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            writer.WriteBoolean("same", facts is null);
            if (facts is not null)
                next = Write(writer, facts, part);
        });
        return next;
    }

    private static CensusPart? Write(Utf8JsonWriter writer, CensusFacts facts, CensusPart part)
    {
        var end = part.First;
        writer.WriteNumber("part", part.Number);
        writer.WriteStartArray("sockets");
        for (; end < facts.Sockets.Length && writer.BytesCommitted + writer.BytesPending < EnoughBytes; end++)
            Write(writer, facts.Sockets[end]);
        writer.WriteEndArray();
        writer.WriteStartObject("states");
        foreach (var (state, count) in facts.States)
            writer.WriteNumber(state, count);
        writer.WriteEndObject();
        writer.WriteNumber("omitted", facts.Omitted);
        writer.WriteBoolean("more", end < facts.Sockets.Length);
        return end < facts.Sockets.Length ? new CensusPart(part.Number + 1, end) : null;
    }

    private static void Write(Utf8JsonWriter writer, CensusRow row)
    {
        writer.WriteStartObject();
        writer.WriteText("protocol", DiagnosisJson.Name(row.Protocol));
        writer.WriteText("address", row.Address);
        writer.WriteText("state", row.State);
        writer.WriteNumber("networkNamespace", row.NetworkNamespace);
        writer.WriteNumber("pid", row.ProcessId);
        writer.WriteText("program", row.Program);
        writer.WriteNumber("userId", row.UserId);
        if (row.IsDualStack is { } isDualStack)
            writer.WriteBoolean("dualStack", isDualStack);
        writer.WriteEndObject();
    }
}

/// <summary>What a census says that is worth a line: the sockets, and the TCP sockets counted by state.</summary>
/// <param name="Omitted">How many more sockets there were than a look keeps.</param>
internal sealed record CensusFacts(ImmutableArray<CensusRow> Sockets, ImmutableArray<(string State, int Count)> States, int Omitted = 0)
{
    public static CensusFacts Of(HostCensus census) => new(
        [.. census.Sockets.Select(one => new CensusRow(one.Socket.Protocol, SocketText.Local(one.Socket), SocketText.State(one.Socket),
            census.NetworkNamespace, one.Holder?.ProcessId ?? 0, one.Holder?.Program, one.Socket.UserId, one.Socket.IsDualStack))],
        [.. census.States.Select(static state => (TcpStateNames.Of(state.State, Protocol.Tcp), state.Count))], census.SocketsOmitted);

    public bool IsSame(CensusFacts other) => Omitted == other.Omitted
        && Sockets.AsSpan().SequenceEqual(other.Sockets.AsSpan()) && States.AsSpan().SequenceEqual(other.States.AsSpan());
}

/// <summary>A socket of a recorded census: listening or bound.</summary>
/// <param name="Address"><c>0.0.0.0:80</c>, <c>[::1]:80</c>, a path or <c>@name</c>.</param>
/// <param name="NetworkNamespace">The inode of the network namespace; 0 where it is not known.</param>
/// <param name="ProcessId">Who holds it; 0 where nobody is seen.</param>
/// <param name="Program">The kernel's name of that process; null where nobody is seen.</param>
/// <param name="IsDualStack">A socket on <c>[::]</c> takes IPv4 too; null for any other, and where that is not known.</param>
internal sealed record CensusRow(
    Protocol Protocol, string Address, string State, ulong NetworkNamespace, int ProcessId, string? Program, uint? UserId,
    bool? IsDualStack = null);
