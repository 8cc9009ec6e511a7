using Bindwise.Model.Targets.Errors;

namespace Bindwise.Diagnostics;

/// <summary>What the user typed or pasted, understood. Names in it are not looked up yet.</summary>
public sealed record Target
{
    /// <summary>The text as typed (of a pasted error: the address as a target is typed).</summary>
    public required string Text { get; init; }

    /// <summary>TCP (default), UDP or UNIX.</summary>
    public required Protocol Protocol { get; init; }

    /// <summary>
    /// The text names no protocol: TCP is what is usually meant; UDP where a pasted error tells of a bind() and is asked for both.
    /// </summary>
    public bool IsProtocolAssumed { get; init; }

    /// <summary>
    /// The host as asked: <c>127.0.0.1</c>, <c>::1</c>, <c>localhost</c>, <c>*</c>; without brackets and scope. Null when only a port was
    /// given.
    /// </summary>
    public string? Host { get; init; }

    /// <summary>
    /// <see cref="Host"/> as an address, when it is one (as inet_aton reads it); null for a name, for <c>*</c> and for none.
    /// </summary>
    internal IpAddress? Address { get; init; }

    internal bool IsEveryAddress => Address is { } address ? address.IsAny : Host is null or "*" or "+";

    /// <summary>The scope after <c>%</c>: an interface's name or number; null for none.</summary>
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
    internal PastedError? Pasted { get; init; }
}

/// <summary>What one text names: a typed target is one; a pasted error may tell of several.</summary>
internal sealed record TargetList
{
    private readonly EquatableArray<Target> _targets;

    /// <summary>The most that a text is answered for.</summary>
    public const int Maximum = 8;

    /// <summary>The targets in the order of the text, each once: 1 to <see cref="Maximum"/>.</summary>
    public required ImmutableArray<Target> Targets { get => _targets; init => _targets = value; }

    /// <summary>How many more the text names, as far as it was read.</summary>
    public int LeftOut { get; init; }

    /// <summary>What goes before a number of them, where the text may name even more.</summary>
    public string AtLeast => LeftOut + Targets.Length >= FailedBinds.MaxPlaces ? "at least " : "";

    /// <summary>The one to take where only one can be asked: the first that is named with its address and port.</summary>
    public required Target First { get; init; }

    internal static TargetList Of(Target target) => new() { Targets = [target], First = target };

    internal static TargetList Of(ImmutableArray<Target> named, Target first) => new()
    {
        Targets = named[..Math.Min(named.Length, Maximum)],
        LeftOut = Math.Max(0, named.Length - Maximum),
        First = first,
    };
}
