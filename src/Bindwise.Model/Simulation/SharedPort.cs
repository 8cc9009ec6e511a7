using Bindwise.Model.Rules;

namespace Bindwise.Model.Simulation;

/// <summary>Two sockets that may be open on one port together: who gets what both could receive, by the simulated host's lookups.</summary>
internal sealed class SharedPort(AskingSocket first, AskingSocket second)
{
    // Who sends, and what stands for every address that no socket names.
    private static readonly IpAddress SomeIPv4 = new IpAddress(IpFamily.IPv4, 0xcb007101).AsIPv6; // 203.0.113.1 (RFC 5737)
    private static readonly IpAddress SomeIPv6 = new(IpFamily.IPv6, (UInt128)0x20010db8 << 96 | 1); // 2001:db8::1 (RFC 3849)

    private readonly AskingSocket _second = second with { Port = first.Port };

    /// <summary>The specific address to which both would be sent something; null where both have a wildcard.</summary>
    public IpAddress? Address { get; } = !first.Address.IsWildcard ? first.Address : !second.Address.IsWildcard ? second.Address : null;

    /// <summary>The only family in which their wildcards meet; null where that is both or neither, or an address tells it.</summary>
    public IpFamily? Family => Address is not null ? null
        : first.Bound.IsIPv4OrMapped != second.Bound.IsIPv4OrMapped ? IpFamily.IPv4
        : first.V6Only != second.V6Only ? IpFamily.IPv6
        : null;

    /// <summary>Who gets it, in whichever order the two begin.</summary>
    public Receiver Receiver
    {
        get
        {
            if (first.ReusePort && _second.ReusePort && first.Bound == _second.Bound && first.DeviceIndex == _second.DeviceIndex)
                return Receiver.Either;
            return (IsFirst(beginsBefore: true), IsFirst(beginsBefore: false)) switch
            {
                (true, true) => Receiver.First,
                (false, false) => Receiver.Second,
                (false, true) => Receiver.Newest,
                (true, false) => Receiver.Oldest,
            };
        }
    }

    /// <summary>Whether the first of the two gets it.</summary>
    private bool IsFirst(bool beginsBefore)
    {
        var system = new SimulatedSystem(first.Kernel, hasVeth: false);
        var before = Open(beginsBefore ? first : _second, system);
        var after = Open(beginsBefore ? _second : first, system);
        var isIPv4 = first.Bound.IsIPv4OrMapped || _second.Bound.IsIPv4OrMapped;
        var some = isIPv4 ? SomeIPv4 : SomeIPv6;
        var at = new IpEndpoint(Address?.AsIPv6 ?? some, first.Port);
        var device = Math.Max(first.DeviceIndex, _second.DeviceIndex);
        var receiver = first.Protocol == Protocol.Udp ? new UdpDelivery(system).ReceiverOf(at, new IpEndpoint(some, 1), device)
            : new ListenerLookup(system).For(at, device);
        return receiver == (beginsBefore ? before : after);
    }

    private static SimulatedSocket Open(in AskingSocket asked, SimulatedSystem system)
    {
        var socket = new SimulatedSocket
        {
            Name = "",
            Protocol = asked.Protocol,
            Family = asked.Address.Family,
            UserId = asked.UserId,
            Address = asked.Address,
            Source = asked.Address,
            V6Only = asked.V6Only,
            DeviceIndex = asked.DeviceIndex,
            ReuseAddress = asked.ReuseAddress,
            ReusePort = asked.ReusePort,
        };
        if (asked.Protocol == Protocol.Udp)
            system.JoinUdp(socket, asked.Port);
        else
            system.AddListener(socket, asked.Port);
        return socket;
    }
}
