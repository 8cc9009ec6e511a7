using Bindwise.Model.Events;
using Bindwise.Rendering.Sockets;

namespace Bindwise.Rendering.Json;

/// <summary>A socket of a recorded census: listening or bound.</summary>
/// <param name="Protocol">TCP, UDP or UNIX.</param>
/// <param name="Address"><c>0.0.0.0:80</c>, <c>[::1]:80</c>, a path or <c>@name</c>.</param>
/// <param name="State">The state's name, as <c>LISTEN</c>.</param>
/// <param name="NetworkNamespace">The inode of the network namespace; 0 where it is not known.</param>
/// <param name="ProcessId">Who holds it; 0 where nobody is seen.</param>
/// <param name="Program">The kernel's name of that process; null where nobody is seen.</param>
internal sealed record CensusRow(
    Protocol Protocol, string Address, string State, ulong NetworkNamespace, int ProcessId, string? Program, uint? UserId);

/// <summary>What a census says that is worth a line: the sockets, and the TCP sockets counted by state.</summary>
internal sealed record CensusFacts(ImmutableArray<CensusRow> Sockets, ImmutableArray<(string State, int Count)> States)
{
    public static CensusFacts Of(HostCensus census) => new(
        [.. census.Sockets.Select(one => new CensusRow(one.Socket.Protocol, SocketText.Local(one.Socket), SocketText.State(one.Socket),
            census.NetworkNamespace, one.Holder?.ProcessId ?? 0, one.Holder?.Program, one.Socket.UserId))],
        [.. census.States.Select(static state => (TcpStateNames.Of(state.State, Protocol.Tcp), state.Count))]);

    public bool IsSame(CensusFacts other) =>
        Sockets.AsSpan().SequenceEqual(other.Sockets.AsSpan()) && States.AsSpan().SequenceEqual(other.States.AsSpan());
}

/// <summary>A census as one line of JSON: what <c>record</c> writes every 10 s (docs/json.md, docs/schema/census.schema.json).</summary>
internal static class CensusJson
{
    /// <summary>The name and version of the form, the first field of every document.</summary>
    public const string Schema = "bindwise.census/1";

    /// <summary>Writes the census as one line of UTF-8, without the line's end.</summary>
    /// <param name="facts">What it says; null for the same as the one before.</param>
    public static void Write(IBufferWriter<byte> output, DateTimeOffset time, CensusFacts? facts) =>
        JsonText.Document(output, Schema, writer =>
        {
            writer.WriteText("time", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            writer.WriteBoolean("same", facts is null);
            if (facts is not null)
                Write(writer, facts);
        });

    private static void Write(Utf8JsonWriter writer, CensusFacts facts)
    {
        writer.WriteList("sockets", facts.Sockets, row =>
        {
            writer.WriteText("protocol", DiagnosisJson.Name(row.Protocol));
            writer.WriteText("address", row.Address);
            writer.WriteText("state", row.State);
            writer.WriteNumber("networkNamespace", row.NetworkNamespace);
            writer.WriteNumber("pid", row.ProcessId);
            writer.WriteText("program", row.Program);
            writer.WriteNumber("userId", row.UserId);
        });
        writer.WriteStartObject("states");
        foreach (var (state, count) in facts.States)
            writer.WriteNumber(state, count);
        writer.WriteEndObject();
    }
}
