namespace Bindwise.Model.Targets;

/// <summary>How the program in question binds, as the user tells it on the command line. Null: not told.</summary>
/// <param name="ReuseAddress">--reuse-address: it sets SO_REUSEADDR before bind().</param>
/// <param name="ReusePort">--reuse-port: it sets SO_REUSEPORT before bind().</param>
/// <param name="V6Only">--v6-only (true) or --dual-stack (false): it sets IPV6_V6ONLY so.</param>
/// <param name="Device">--device: it binds to this interface (SO_BINDTODEVICE).</param>
/// <param name="Freebind">It sets IP_FREEBIND before bind(), and so may bind an address that no interface has.</param>
/// <param name="UnixType">The type of its UNIX socket, as <see cref="HeldSocket.SocketType"/>; 0 where it is not told: a stream, as most
/// servers have it.</param>
internal sealed record ProgramOptions(bool? ReuseAddress = null, bool? ReusePort = null, bool? V6Only = null, string? Device = null,
    bool Freebind = false, byte UnixType = 0)
{
    private readonly EquatableArray<PortRange> _sourcePorts;
    private readonly EquatableArray<IpAddress> _sources;

    public static ProgramOptions None { get; } = new();

    /// <summary>What the program makes its sockets with: advice about its own socket is in those words.</summary>
    public SocketApi Api { get; init; }

    /// <summary>The ports that its connections may have (IP_LOCAL_PORT_RANGE); empty for all that the system gives out.</summary>
    public ImmutableArray<PortRange> SourcePorts { get => _sourcePorts; init => _sourcePorts = value; }

    /// <summary>The addresses that its connections come from; empty where the system chooses.</summary>
    public ImmutableArray<IpAddress> Sources { get => _sources; init => _sources = value; }

    /// <summary>Those that are set, by the names that socket(7), ip(7) and ipv6(7) give them.</summary>
    public IEnumerable<string> Names()
    {
        if (ReuseAddress == true)
            yield return "SO_REUSEADDR";
        if (ReusePort == true)
            yield return "SO_REUSEPORT";
        if (V6Only == true)
            yield return "IPV6_V6ONLY";
        if (Device is not null)
            yield return "SO_BINDTODEVICE";
        if (Freebind)
            yield return "IP_FREEBIND";
    }
}
