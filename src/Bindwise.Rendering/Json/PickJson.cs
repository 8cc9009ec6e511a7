namespace Bindwise.Rendering.Json;

/// <param name="Address">The address that it was tried on; null for every address of both families.</param>
/// <param name="Lease">How long no other pick gets it; zero: not at all.</param>
/// <param name="Reserved">How long a TIME_WAIT keeps it; null without one.</param>
internal sealed record PickOutcome(ushort Port, ImmutableArray<Protocol> Protocols, IpAddress? Address, bool IsEphemeral, TimeSpan Lease,
    TimeSpan? Reserved)
{
    /// <summary>The interface of a link-local address, as it was asked for.</summary>
    public string? Scope { get; init; }
}

/// <summary>
/// A picked port as one line of JSON: what <c>bindwise pick --json</c> prints (docs/json.md, docs/schema/pick.schema.json).
/// </summary>
internal static class PickJson
{
    public const string Schema = "bindwise.pick/1";

    public static void Write(IBufferWriter<byte> output, PickOutcome outcome) => JsonText.Document(output, Schema, writer =>
    {
        writer.WriteNumber("port", outcome.Port);
        writer.WriteTexts("protocols", outcome.Protocols.Select(static one => one == Protocol.Udp ? "udp" : "tcp"));
        writer.WriteText("address", outcome.Scope is null ? outcome.Address?.ToString() : $"{outcome.Address}%{outcome.Scope}");
        writer.WriteBoolean("ephemeral", outcome.IsEphemeral);
        writer.WriteNumber("leaseSeconds", (decimal)outcome.Lease.TotalMilliseconds / 1000);
        writer.WriteNumber("reservedSeconds", (decimal?)outcome.Reserved?.TotalMilliseconds / 1000);
    });
}
