using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets.Errors;

/// <summary>Where a socket was to be bound, as far as some words tell.</summary>
/// <param name="Host">The host, <c>*</c> for a written wildcard, null for none.</param>
/// <param name="Address">The host as an address.</param>
/// <param name="Scope">The scope behind <c>%</c>.</param>
/// <param name="Port">The port; null when not told.</param>
/// <param name="Path">The path of a UNIX socket.</param>
/// <param name="Protocol">TCP or UDP when these words tell it.</param>
/// <param name="Start">Where the words start in their line.</param>
/// <param name="End">Where they end.</param>
internal readonly record struct AddressMention(
    string? Host, IpAddress? Address, string? Scope, ushort? Port, string? Path, Protocol? Protocol, int Start, int End)
{
    /// <summary>The words say "every address" by naming none, as in <c>:8080</c>.</summary>
    public bool IsEveryAddress { get; init; }

    /// <summary>How much is told.</summary>
    public MentionRank Rank =>
        Path is not null || (Port is not null && (Host is not null || IsEveryAddress)) ? MentionRank.Full
        : Port is not null ? MentionRank.PortOnly
        : MentionRank.AddressOnly;

    /// <summary>A port alone.</summary>
    public static AddressMention OfPort(ushort port, int start, int end) => new(null, null, null, port, null, null, start, end);

    /// <summary>A path or abstract name.</summary>
    public static AddressMention OfPath(string path, int start, int end) => new(null, null, null, null, path, null, start, end);
}
