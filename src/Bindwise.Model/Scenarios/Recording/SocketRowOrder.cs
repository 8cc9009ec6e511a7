namespace Bindwise.Model.Scenarios.Recording;

/// <summary>The order in which every host tells its sockets.</summary>
public static class SocketRowOrder
{
    /// <summary>By port, then by state, protocol, address and the other end.</summary>
    public static IReadOnlyList<SocketRow> Sort(List<SocketRow> rows)
    {
        rows.Sort(static (one, other) => Compare(one, other));
        return rows;
    }

    private static int Compare(SocketRow one, SocketRow other)
    {
        var order = one.Local.Port.CompareTo(other.Local.Port);
        if (order == 0)
            order = one.State.CompareTo(other.State);
        if (order == 0)
            order = one.Protocol.CompareTo(other.Protocol);
        if (order == 0)
            order = one.Local.Address.Bits.CompareTo(other.Local.Address.Bits);
        if (order == 0)
            order = (one.Remote?.Port ?? 0).CompareTo(other.Remote?.Port ?? 0);
        return order;
    }
}
