namespace Bindwise.Linux.SockDiag;

/// <summary>
/// The listening addresses of one protocol, each with a number of its own, and which of them took a connection. Sockets that share an
/// address by SO_REUSEPORT share its number.
/// </summary>
internal sealed class ListenerSlots
{
    private const int Ports = ushort.MaxValue + 1;
    private const int PortsOfPart = 256;
    private const int Shared = -1;

    // By port: 0 for no listener, the number of its only slot plus 1, or Shared, where several addresses are listened on. In parts, by the
    // port's upper byte, each made with its first listener.
    private readonly int[]?[] _slotOfPort = new int[]?[Ports / PortsOfPart];
    private readonly Dictionary<(ushort Port, IpAddress Address), int> _shared = [];
    private readonly List<(ushort Port, IpAddress Address, bool TakesIPv4)> _slots = [];

    internal int Count => _slots.Count;

    internal (ushort Port, IpAddress Address) this[int slot] => (_slots[slot].Port, _slots[slot].Address);

    /// <summary>Adds a listener's address, unless it is there already.</summary>
    internal void Add(HeldSocket listener)
    {
        var (port, address) = (listener.Local.Port, listener.Local.Address.Unmapped);
        ref var place = ref (_slotOfPort[port / PortsOfPart] ??= new int[PortsOfPart])[port % PortsOfPart];
        if (place == Shared ? _shared.ContainsKey((port, address)) : place > 0 && _slots[place - 1].Address.Unmapped == address)
            return;
        _slots.Add((port, listener.Local.Address, listener.V6Only != Fact.Yes));
        if (place > 0)
            _shared[(port, _slots[place - 1].Address.Unmapped)] = place - 1;
        if (place != 0)
            _shared[(port, address)] = _slots.Count - 1;
        place = place == 0 ? _slots.Count : Shared;
    }

    /// <summary>
    /// The slot that took a connection, as __inet_lookup_listener() has it: the address itself before the wildcard, of the same family
    /// before the other. The only one of its port has all. Less than 0 for none.
    /// </summary>
    internal int Find(IpEndpoint local)
    {
        var place = _slotOfPort[local.Port / PortsOfPart]?[local.Port % PortsOfPart] ?? 0;
        if (place != Shared)
            return place - 1;
        var address = local.Address.Unmapped;
        if (_shared.TryGetValue((local.Port, address), out var slot)
            || (address.Family == IpFamily.IPv4 && _shared.TryGetValue((local.Port, IpAddress.AnyIPv4), out slot)))
            return slot;
        return _shared.TryGetValue((local.Port, IpAddress.AnyIPv6), out slot) && (address.Family == IpFamily.IPv6 || _slots[slot].TakesIPv4)
            ? slot : -1;
    }

    internal void Clear()
    {
        foreach (var (port, _, _) in _slots)
            _slotOfPort[port / PortsOfPart]![port % PortsOfPart] = 0;
        _shared.Clear();
        _slots.Clear();
    }
}
