namespace Bindwise.Model.Listing;

/// <summary>What a filter can ask of something that has a port and is no listed one.</summary>
/// <param name="Protocol">Its protocol; null for none.</param>
/// <param name="Port">Its port; null for none.</param>
/// <param name="Texts">In which words are looked for.</param>
internal sealed record PortFacets(Protocol? Protocol, ushort? Port, ImmutableArray<string> Texts)
{
    /// <summary>Whose it is; null for nobody's.</summary>
    public int? ProcessId { get; init; }

    /// <summary>Which user's; null where that is not known.</summary>
    public uint? UserId { get; init; }
}
