using Bindwise.Diagnostics;
using Bindwise.Model.Rules;
using Bindwise.Model.Simulation;

namespace Bindwise.Model.Benchmarks;

/// <summary>A table of so many sockets in one shape, twice: in the model's buckets, and as the list that one would scan otherwise.</summary>
internal sealed class SocketTable
{
    /// <summary>The questions go round among so many, so that no answer comes from a warm cache alone.</summary>
    public const int Questions = 4096;

    private const ushort ServerPort = 8080;
    private const ushort FirstPort = 1024;
    private const int Ports = 60_000;

    private readonly List<(ushort Port, HeldTraits Traits)> _sockets = [];
    private readonly SimulatedSystem _system = new(KernelRelease.Documented, hasVeth: false);

    private SocketTable(Shape shape, int sockets)
    {
        for (var index = 0; index < sockets; index++)
            Add(shape, PortOf(shape, index), TraitsOf(shape, index));
    }

    public static SocketTable Make(Shape shape, int sockets) => new(shape, sockets);

    /// <summary>What askers ask, spread over the table.</summary>
    public AskingSocket[] QuestionsOf(Shape shape, Asker asker) => [.. Enumerable.Range(0, Questions).Select(number =>
    {
        var index = (int)((long)number * _sockets.Count / Questions);
        var isWildcard = asker is Asker.WildcardAllowed or Asker.WildcardBlocked;
        var (port, traits) = _sockets[index];
        return new AskingSocket(
            shape == Shape.UdpManyPorts ? Protocol.Udp : Protocol.Tcp,
            isWildcard ? IpAddress.AnyIPv4 : traits.Address,
            port,
            V6Only: false,
            DeviceIndex: 0,
            ReuseAddress: asker is Asker.SpecificAllowed or Asker.WildcardAllowed,
            ReusePort: false,
            UserId: 0,
            KernelRelease.Documented);
    })];

    /// <summary>The model's decision.</summary>
    public Outcome Decide(in AskingSocket want) => want.Protocol == Protocol.Tcp
        ? _system.TcpPortOf(want.Port) is { } port ? port.Bucket.Decide(want).Outcome : Outcome.Allowed
        : _system.UdpPortOf(want.Port) is { } list ? list.Decide(want).Outcome : Outcome.Allowed;

    /// <summary>The same by a loop over all sockets, up to the first in the way.</summary>
    public Outcome Scan(in AskingSocket want)
    {
        foreach (var (port, traits) in _sockets)
        {
            if (port == want.Port && PairRules.Settle(want, traits).Ruling.Conflicts)
                return Outcome.Blocked;
        }
        return Outcome.Allowed;
    }

    private void Add(Shape shape, ushort port, HeldTraits traits)
    {
        _sockets.Add((port, traits));
        var socket = new SimulatedSocket
        {
            Name = "",
            Protocol = shape == Shape.UdpManyPorts ? Protocol.Udp : Protocol.Tcp,
            Family = traits.Family,
            UserId = 0,
            Address = traits.Address,
            Source = traits.Address,
            ReuseAddress = true,
        };
        if (shape == Shape.UdpManyPorts)
            _system.JoinUdp(socket, port);
        else
            _system.TcpPortOrNew(port).Join(socket, traits);
    }

    private static ushort PortOf(Shape shape, int index) =>
        shape is Shape.TcpManyPorts or Shape.UdpManyPorts ? (ushort)(FirstPort + index % Ports) : ServerPort;

    private static HeldTraits TraitsOf(Shape shape, int index)
    {
        // Beyond as many sockets as there are ports each port gets a second one, on another address.
        var host = shape switch
        {
            Shape.OneServersTimeWaits => 0x7f000001u,
            Shape.ManyAddressesOfAPort => 0x7f000001u + (uint)index,
            _ => 0x7f000001u + (uint)(index / Ports),
        };
        var kind = shape == Shape.OneServersTimeWaits ? HeldKind.TimeWait : HeldKind.Plain;
        return new HeldTraits(IpFamily.IPv4, new IpAddress(IpFamily.IPv4, host), kind, 0, Fact.No, Fact.Yes, Fact.No, 0);
    }
}
