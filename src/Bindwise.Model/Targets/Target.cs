using Bindwise.Model.Addresses;

namespace Bindwise.Model.Targets;

/// <summary>What the user typed or pasted, understood. Names in it are not looked up yet.</summary>
public sealed record Target
{
    /// <summary>The text as typed (of a pasted error: the part that was read as the address).</summary>
    public required string Text { get; init; }

    /// <summary>TCP (default), UDP or UNIX.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>TCP is what is usually meant: the text names no protocol.</summary>
    public bool IsProtocolAssumed { get; init; }

    /// <summary>
    /// The host as asked: <c>127.0.0.1</c>, <c>::1</c>, <c>localhost</c>, <c>*</c>; without brackets and scope.
    /// Null when only a port was given.
    /// </summary>
    public string? Host { get; init; }

    /// <summary><see cref="Host"/> as an address, when it is one (as inet_aton reads it); null for a name, for <c>*</c> and for none.</summary>
    public IpAddress? Address { get; init; }

    /// <summary>The scope behind <c>%</c>: an interface's name or number; null for none.</summary>
    public string? Scope { get; init; }

    /// <summary>The port, 0 to 65535; null while only <see cref="Service"/> is known, and for UNIX.</summary>
    public ushort? Port { get; init; }

    /// <summary>A service name in place of a port, as <c>http</c>; null for none.</summary>
    public string? Service { get; init; }

    /// <summary>The path of a UNIX socket, or <c>@name</c> for an abstract one; null for TCP and UDP.</summary>
    public string? Path { get; init; }

    /// <summary>Where a connect() was to go, for the ports of which is asked (<see cref="Port"/> is 0 then); null for a bind().</summary>
    public Destination? Destination { get; init; }

    /// <summary>What a pasted error tells beyond the address; null when the target was typed.</summary>
    public PastedError? Pasted { get; init; }
}
