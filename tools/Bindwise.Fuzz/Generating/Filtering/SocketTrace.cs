namespace Bindwise.Fuzz.Generating.Filtering;

/// <summary>
/// What a socket of a scenario may have done, if every step on it went well: <see cref="UndecidableStepFilter"/> knows no results, so it
/// takes what may be for what is.
/// </summary>
internal sealed class SocketTrace(Protocol protocol, IpFamily family)
{
    private readonly List<IpEndpoint> _claims = [];
    private readonly List<IpEndpoint> _destinations = [];

    /// <summary>TCP or UDP.</summary>
    public Protocol Protocol { get; } = protocol;

    /// <summary>AF_INET or AF_INET6.</summary>
    public IpFamily Family { get; } = family;

    /// <summary>SO_REUSEADDR was on at some time.</summary>
    public bool ReuseAddress { get; set; }

    /// <summary>SO_REUSEPORT was on at some time.</summary>
    public bool ReusePort { get; set; }

    /// <summary>It was told to listen.</summary>
    public bool MayListen { get; set; }

    /// <summary>The interfaces that it was bound to.</summary>
    public HashSet<string> Devices { get; } = [];

    /// <summary>It was bound to an interface.</summary>
    public bool HasDevice => Devices.Count > 0;

    /// <summary>It was bound to another interface than lo.</summary>
    public bool IsAway => Devices.Count > (Devices.Contains(Filtering.Destinations.Loopback) ? 1 : 0);

    /// <summary>It may bind addresses that are not this machine's: IP_FREEBIND, IPV6_FREEBIND or IP_TRANSPARENT was set.</summary>
    public bool MayBindForeign { get; set; }

    /// <summary>It may be bound to an address that no answer finds: a foreign one, a group's, a broadcast.</summary>
    public bool HasForeignSource { get; set; }

    /// <summary>An AF_INET6 TCP socket that may have met an IPv4 peer: the kernel's operations for it are IPv4's from then on.</summary>
    public bool MayBeMapped { get; set; }

    /// <summary>The kernel may have chosen its port.</summary>
    public bool HasAutomaticPort { get; set; }

    /// <summary>It was connected, disconnected or shut down, so an automatic port may be gone again.</summary>
    public bool IsDisturbed { get; set; }

    /// <summary>IP_LOCAL_PORT_RANGE, as it was set last; 0 for none.</summary>
    public uint PortRange { get; set; }

    /// <summary>
    /// Where it was bound, or tried to be: automatic ports of a narrow range stand here one by one, those of a free choice as 0.
    /// </summary>
    public IReadOnlyList<IpEndpoint> Claims => _claims;

    /// <summary>Where it was connected, or tried to be.</summary>
    public IReadOnlyList<IpEndpoint> Destinations => _destinations;

    /// <summary>Adds a place to <see cref="Claims"/>.</summary>
    public void Claim(IpAddress address, ushort port) => _claims.Add(new IpEndpoint(address, port));

    /// <summary>Adds a place to <see cref="Destinations"/>.</summary>
    public void Reach(IpEndpoint destination) => _destinations.Add(destination);

    /// <summary>A connection's socket has what its listener has, and listens not.</summary>
    public SocketTrace Child()
    {
        var child = new SocketTrace(Protocol, Family);
        child.Inherit(this);
        child.MayListen = false;
        child.IsDisturbed = true;
        child.MayBeMapped = Family == IpFamily.IPv6;
        return child;
    }

    /// <summary>Takes all that another may have on: the name stands for the one or the other.</summary>
    public void Inherit(SocketTrace other)
    {
        ReuseAddress |= other.ReuseAddress;
        ReusePort |= other.ReusePort;
        MayListen |= other.MayListen;
        Devices.UnionWith(other.Devices);
        MayBindForeign |= other.MayBindForeign;
        HasForeignSource |= other.HasForeignSource;
        MayBeMapped |= other.MayBeMapped;
        HasAutomaticPort |= other.HasAutomaticPort;
        IsDisturbed |= other.IsDisturbed;
        PortRange = other.PortRange;
        _claims.AddRange(other._claims);
        _destinations.AddRange(other._destinations);
    }

    /// <summary>Whether it may hold a port that a step names.</summary>
    public bool MayHold(ushort port)
    {
        foreach (var claim in _claims)
        {
            if (claim.Port == port)
                return port != 0;
        }
        return false;
    }

    /// <summary>Whether its port is known, if it has one.</summary>
    public bool HasKnownPort()
    {
        foreach (var claim in _claims)
        {
            if (claim.Port != 0)
                return true;
        }
        return false;
    }

    /// <summary>Whether no address that this one may have meets one that the other may have. Wildcards meet all.</summary>
    public bool IsApartFrom(SocketTrace other)
    {
        if (_claims.Count == 0 || other._claims.Count == 0)
            return false;
        foreach (var mine in _claims)
        {
            foreach (var theirs in other._claims)
            {
                if (IsWildcard(mine.Address) || IsWildcard(theirs.Address) || mine.Address.AsIPv6 == theirs.Address.AsIPv6)
                    return false;
            }
        }
        return true;
    }

    /// <summary>Whether it may be bound to a v4-mapped address.</summary>
    public bool MayHoldMapped()
    {
        foreach (var claim in _claims)
        {
            if (claim.Address.IsMapped)
                return true;
        }
        return false;
    }

    private static bool IsWildcard(IpAddress address) => address.IsAny || address.AsIPv4 is { IsAny: true };
}
