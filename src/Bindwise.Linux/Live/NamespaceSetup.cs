using Bindwise.Linux.Netlink;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Linux.Live;

/// <summary>
/// What stands in a namespace before a scenario begins (see <see cref="IHost"/>). The routes to the namespace's own addresses carry the
/// quickack metric, so that no acknowledgement waits for a timer (tcp_in_quickack_mode(), net/ipv4/tcp_input.c): else a FIN to an idle peer
/// stays unanswered for up to 40 ms, and what a step finds would be a matter of luck.
/// </summary>
internal static class NamespaceSetup
{
    private const uint FirstIndex = 2;
    private const uint SecondIndex = 3;

    /// <summary>Of IPv6, where 0 means none given: the kernel's own local routes have 0, which cannot be asked for.</summary>
    private const uint LocalPriority = 1;

    /// <summary>
    /// IPv6 puts an interface's address among the routes by a worker of its own (addrconf_dad_work(), net/ipv6/addrconf.c): soon, not at
    /// once. On a busy machine, where namespaces are cleared away too, that may take a second.
    /// </summary>
    private const int RouteWaits = 200_000;
    private const int RouteWaitMicroseconds = 100;

    private static readonly IpAddress FirstIPv4 = new(IpFamily.IPv4, 0xc0000201);
    private static readonly IpAddress SecondIPv4 = new(IpFamily.IPv4, 0xc6336401);
    private static readonly IpAddress FirstIPv6 = new(IpFamily.IPv6, new UInt128(0x20010db8_00000000, 1));
    private static readonly IpAddress SecondIPv6 = new(IpFamily.IPv6, new UInt128(0x20010db8_00010000, 1));
    private static readonly NetlinkBatch Loopback = AddLoopback(new NetlinkBatch()).Build();
    private static readonly NetlinkBatch LoopbackAndPair = AddPair(AddLoopback(new NetlinkBatch())).Build();
    private static readonly (NetlinkBatch Removal,
        NetlinkBatch Addition)[] PairRoutes = [.. new[] { (FirstIPv6, FirstIndex), (SecondIPv6, SecondIndex) }
        .Select(static end => (RemoveRoute(new NetlinkBatch(), end.Item1, 128, end.Item2).Build(),
            AddQuickRoute(new NetlinkBatch(), end.Item1, 128, end.Item1, end.Item2).Build()))];

    /// <summary>Sets up the calling thread's namespace, which must be new.</summary>
    /// <exception cref="LiveUnavailableException">The kernel refused.</exception>
    internal static void Build(bool hasPair)
    {
        Check((hasPair ? LoopbackAndPair : Loopback).Run(out var failed), failed);
        if (!hasPair)
            return;
        foreach (var (removal, addition) in PairRoutes)
        {
            RunOnceThere(removal);
            Check(addition.Run(out failed), failed);
        }
    }

    private static void RunOnceThere(NetlinkBatch removal)
    {
        var errno = removal.Run(out var failed);
        for (var wait = 0; errno == Errno.ESRCH && wait < RouteWaits; wait++)
        {
            SleepCall.Wait(RouteWaitMicroseconds);
            errno = removal.Run(out failed);
        }
        Check(errno, failed);
    }

    private static void Check(Errno errno, uint failed)
    {
        if (errno != Errno.None)
            throw new LiveUnavailableException(errno, $"cannot set up a network namespace: {errno} (rtnetlink request {failed})");
    }

    private static NetlinkBatch AddLoopback(NetlinkBatch batch)
    {
        AddUp(batch, AddressRules.LoopbackIndex);
        _ = AddQuickRoute(batch, new IpAddress(IpFamily.IPv4, 0x7f000000), 8, IpAddress.LoopbackIPv4, AddressRules.LoopbackIndex);
        _ = AddQuickRoute(batch, IpAddress.LoopbackIPv4, 32, IpAddress.LoopbackIPv4, AddressRules.LoopbackIndex);
        _ = RemoveRoute(batch, IpAddress.LoopbackIPv6, 128, AddressRules.LoopbackIndex);
        _ = AddQuickRoute(batch, IpAddress.LoopbackIPv6, 128, IpAddress.LoopbackIPv6, AddressRules.LoopbackIndex);
        return batch;
    }

    private static NetlinkBatch AddPair(NetlinkBatch batch)
    {
        _ = batch
            .Begin(LinkMessage.MessageNew, NetlinkHeader.FlagCreate | NetlinkHeader.FlagExclusive,
                new LinkMessage { Index = (int)FirstIndex })
            .Attribute(LinkMessage.AttributeName, "v0\0"u8)
            .Nest(LinkMessage.AttributeInfo, static info => info
                .Attribute(LinkMessage.InfoKind, "veth"u8)
                .Nest(LinkMessage.InfoData, static data => data
                    .Nest(LinkMessage.InfoPeer, static peer => peer
                        .Raw(new LinkMessage { Index = (int)SecondIndex })
                        .Attribute(LinkMessage.AttributeName, "v1\0"u8))));
        AddEnd(batch, FirstIndex, FirstIPv4, FirstIPv6);
        AddEnd(batch, SecondIndex, SecondIPv4, SecondIPv6);
        return batch;
    }

    private static void AddEnd(NetlinkBatch batch, uint index, IpAddress ipv4, IpAddress ipv6)
    {
        // Without an address of its own making an interface has no link-local one, whose text nobody could foretell.
        _ = batch
            .Begin(LinkMessage.MessageNew, 0, new LinkMessage { Index = (int)index })
            .Nest(LinkMessage.AttributeFamilies, static families => families
                .Nest(SocketCall.FamilyIPv6, static family => family.Attribute(LinkMessage.AddressMode, [LinkMessage.AddressModeNone])));
        AddAddress(batch, index, ipv4, 24);
        AddAddress(batch, index, ipv6, 64);
        AddUp(batch, index);
        _ = AddQuickRoute(batch, ipv4, 32, ipv4, index);
    }

    private static void AddUp(NetlinkBatch batch, uint index) =>
        batch.Begin(LinkMessage.MessageNew, 0,
            new LinkMessage { Index = (int)index, Flags = LinkMessage.FlagUp, Change = LinkMessage.FlagUp });

    private static void AddAddress(NetlinkBatch batch, uint index, IpAddress address, byte prefix)
    {
        Span<byte> bytes = stackalloc byte[16];
        var length = address.WriteTo(bytes);
        _ = batch
            .Begin(AddressMessage.MessageNew, NetlinkHeader.FlagCreate | NetlinkHeader.FlagExclusive, new AddressMessage
            {
                Family = (byte)address.Family,
                PrefixLength = prefix,
                Index = index,
                Flags = address.Family == IpFamily.IPv6 ? AddressMessage.FlagWithoutDetection : (byte)0,
            })
            .Attribute(AddressMessage.AttributeLocal, bytes[..length])
            .Attribute(AddressMessage.AttributeAddress, bytes[..length]);
    }

    /// <summary>The kernel's own local route with the metric on it: IPv4 replaces it, IPv6 must have removed it before.</summary>
    private static NetlinkBatch AddQuickRoute(NetlinkBatch batch, IpAddress destination, byte prefix, IpAddress source, uint index)
    {
        Span<byte> bytes = stackalloc byte[16];
        _ = BeginRoute(batch, RouteMessage.MessageNew, NetlinkHeader.FlagCreate | NetlinkHeader.FlagReplace, destination, prefix, index)
            .Nest(RouteMessage.AttributeMetrics, static metrics => metrics.Attribute(RouteMessage.MetricQuickAcknowledge, 1));
        return source.Family == IpFamily.IPv4
            ? batch.Attribute(RouteMessage.AttributePreferredSource, bytes[..source.WriteTo(bytes)])
            : batch.Attribute(RouteMessage.AttributePriority, LocalPriority);
    }

    private static NetlinkBatch RemoveRoute(NetlinkBatch batch, IpAddress destination, byte prefix, uint index) =>
        BeginRoute(batch, RouteMessage.MessageDelete, 0, destination, prefix, index);

    private static NetlinkBatch BeginRoute(NetlinkBatch batch, ushort type, int flags, IpAddress destination, byte prefix, uint index)
    {
        Span<byte> bytes = stackalloc byte[16];
        return batch
            .Begin(type, flags, new RouteMessage
            {
                Family = (byte)destination.Family,
                DestinationLength = prefix,
                Table = RouteMessage.TableLocal,
                Protocol = RouteMessage.ProtocolKernel,
                Scope = destination.Family == IpFamily.IPv4 ? RouteMessage.ScopeHost : (byte)0,
                Type = RouteMessage.TypeLocal,
            })
            .Attribute(RouteMessage.AttributeDestination, bytes[..destination.WriteTo(bytes)])
            .Attribute(RouteMessage.AttributeOutput, index);
    }
}
