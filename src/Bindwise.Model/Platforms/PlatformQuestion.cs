using System.Collections.Immutable;

namespace Bindwise.Model.Platforms;

/// <summary>One bind(), with all that a system looks at before it looks at other sockets.</summary>
/// <param name="Port">The port; not 0.</param>
/// <param name="Held">The sockets of the same protocol on that port, in no order.</param>
internal sealed record PlatformQuestion(PlatformSocket Want, ushort Port, ImmutableArray<PlatformHeld> Held)
{
    /// <summary>The asking socket is bound already.</summary>
    public bool IsBound { get; init; }

    /// <summary>The host has the address, or it is a wildcard.</summary>
    public bool IsLocal { get; init; } = true;
}
