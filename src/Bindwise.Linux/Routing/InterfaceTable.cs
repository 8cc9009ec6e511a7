using System.Runtime.InteropServices;
using Bindwise.Linux.Netlink;
using Bindwise.Linux.Text;

namespace Bindwise.Linux.Routing;

/// <summary>Gathers interfaces and addresses from the messages of both dumps.</summary>
internal sealed class InterfaceTable
{
    /// <summary>More interfaces, or addresses, than this are not taken.</summary>
    internal const int MaximumEntries = 1 << 16;

    private readonly List<InterfaceRecord> _links = [];
    private readonly List<(uint Index, InterfaceAddress Address)> _addresses = [];
    private readonly HashSet<uint> _vrfs = [];

    /// <summary>The interfaces with their addresses, in the kernel's order.</summary>
    internal ImmutableArray<InterfaceRecord> Build()
    {
        var byIndex = _addresses.ToLookup(pair => pair.Index, pair => pair.Address);
        return [.. _links.Select(link => link with
        {
            // So far that of its master, which may be a bridge, or come later in the dump.
            VrfIndex = _vrfs.Contains(link.Index) ? link.Index : _vrfs.Contains(link.VrfIndex) ? link.VrfIndex : 0,
            Addresses = [.. byIndex[link.Index]],
        })];
    }

    /// <summary>Takes a message of either dump; anything else is passed over.</summary>
    internal void Add(ushort type, ReadOnlySpan<byte> payload)
    {
        if (type == LinkMessage.MessageNew && _links.Count < MaximumEntries)
            AddLink(payload);
        else if (type == AddressMessage.MessageNew && _addresses.Count < MaximumEntries)
            AddAddress(payload);
    }

    internal void Clear(ushort type)
    {
        if (type == LinkMessage.MessageNew)
        {
            _links.Clear();
            _vrfs.Clear();
        }
        else
            _addresses.Clear();
    }

    private void AddLink(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<LinkMessage>(payload, out var link) || link.Index <= 0)
            return;
        string? name = null;
        uint master = 0;
        var attributes = new NetlinkAttributeReader(payload[LinkMessage.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == LinkMessage.AttributeName)
                name ??= KernelText.Decode(value.TrimEnd((byte)0));
            else if (type == LinkMessage.AttributeMaster && value.Length >= sizeof(uint))
                master = MemoryMarshal.Read<uint>(value);
            else if (type == LinkMessage.AttributeInfo && IsVrf(value))
                _vrfs.Add((uint)link.Index);
        }
        if (name is null)
            return;
        _links.Add(new InterfaceRecord
        {
            Index = (uint)link.Index,
            Name = name,
            IsUp = (link.Flags & LinkMessage.FlagUp) != 0,
            VrfIndex = master,
        });
    }

    private static bool IsVrf(ReadOnlySpan<byte> info)
    {
        var attributes = new NetlinkAttributeReader(info);
        while (attributes.TryNext(out var type, out var value))
        {
            if (type == LinkMessage.InfoKind)
                return value.TrimEnd((byte)0).SequenceEqual("vrf"u8);
        }
        return false;
    }

    private void AddAddress(ReadOnlySpan<byte> payload)
    {
        if (!MemoryMarshal.TryRead<AddressMessage>(payload, out var message)
            || message.Family is not ((byte)IpFamily.IPv4 or (byte)IpFamily.IPv6))
            return;
        var sizeBytes = message.Family == (byte)IpFamily.IPv4 ? 4 : 16;
        uint flags = message.Flags;
        IpAddress? address = null;
        var attributes = new NetlinkAttributeReader(payload[AddressMessage.SizeBytes..]);
        while (attributes.TryNext(out var type, out var value))
        {
            // On a point-to-point link IFA_ADDRESS is the peer's and IFA_LOCAL ours; elsewhere either may be missing.
            if (type == AddressMessage.AttributeLocal && value.Length == sizeBytes)
                address = IpAddress.FromBytes(value);
            else if (type == AddressMessage.AttributeAddress && value.Length == sizeBytes)
                address ??= IpAddress.FromBytes(value);
            else if (type == AddressMessage.AttributeFlags && value.Length >= sizeof(uint))
                flags = MemoryMarshal.Read<uint>(value);
        }
        if (address is not { } own)
            return;
        _addresses.Add((message.Index, new InterfaceAddress(own, message.PrefixLength,
            IsTentative: (flags & AddressMessage.FlagTentative) != 0 && (flags & AddressMessage.FlagOptimistic) == 0,
            IsDuplicate: (flags & AddressMessage.FlagDuplicate) != 0)));
    }
}

internal readonly struct InterfaceDump(InterfaceTable table, ushort type) : IMessageVisitor
{
    public void Visit(in NetlinkMessage message) => table.Add(message.Header.Type, message.Payload);

    public void Restart() => table.Clear(type);
}

/// <summary>Finds an interface by what people type after <c>%</c>.</summary>
internal static class InterfaceNames
{
    /// <summary>The index of the interface of that name, else of that number; null when there is none.</summary>
    internal static uint? FindIndex(ImmutableArray<InterfaceRecord> interfaces, string nameOrNumber)
    {
        foreach (var candidate in interfaces)
        {
            if (candidate.Name == nameOrNumber)
                return candidate.Index;
        }
        if (!uint.TryParse(nameOrNumber, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return null;
        foreach (var candidate in interfaces)
        {
            if (candidate.Index == number)
                return number;
        }
        return null;
    }
}
