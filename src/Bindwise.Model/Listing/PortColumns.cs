namespace Bindwise.Model.Listing;

/// <summary>The texts of a listed port, as they are shown and searched: not escaped.</summary>
internal static class PortColumns
{
    /// <summary>
    /// <c>8080/tcp</c>, as a target that <c>why</c> takes; <c>32768-60999/tcp</c> of a line for several ports; of a UNIX socket its path or
    /// name.
    /// </summary>
    public static string Target(ListedPort port)
    {
        if (port.Port is not { } number)
            return port.Sockets is [var socket, ..] ? socket.Path ?? "" : "";
        var protocol = port.Protocol == Protocol.Udp ? "udp" : "tcp";
        return port.PortList is { } list ? $"{list}/{protocol}" : port.LastPort is { } last
            ? string.Create(CultureInfo.InvariantCulture, $"{number}-{last}/{protocol}")
            : string.Create(CultureInfo.InvariantCulture, $"{number}/{protocol}");
    }

    /// <summary>
    /// The addresses, each once: <c>127.0.0.1 [::1]</c>; <c>*</c> for a wildcard of both families in one socket (dual-stack). A scope or
    /// device stands after <c>%</c>.
    /// </summary>
    /// <param name="device">The name of an interface by its index.</param>
    public static IEnumerable<string> Addresses(ListedPort port, Func<uint, string?> device) =>
        port.Protocol == Protocol.Unix
            ? port.Sockets.Select(static socket => TypeOf(socket)).Distinct()
            : port.Sockets.Select(socket => AddressOf(socket, device)).Distinct();

    /// <summary>
    /// The state of the sockets: <c>LISTEN</c>, <c>BOUND</c>, <c>UNCONN</c>; of a line of connections alone the most frequent.
    /// </summary>
    public static string State(ListedPort port) =>
        port.Sockets is [var socket, ..] ? TcpStateNames.Of(socket.State, socket.Protocol)
            : port.States is [var first, ..] ? TcpStateNames.Of(first.State, port.Protocol)
            : "";

    internal static IEnumerable<string> Of(ListedPort port)
    {
        yield return Target(port);
        foreach (var address in Addresses(port, static _ => null))
            yield return address;
        foreach (var socket in port.Sockets)
            yield return TcpStateNames.Of(socket.State, socket.Protocol);
        foreach (var one in port.States)
            yield return TcpStateNames.Of(one.State, port.Protocol);
        if (port.UserName is { } user)
            yield return user;
        foreach (var owner in port.Owners)
        {
            yield return owner.Process.Name;
            foreach (var argument in owner.Process.Arguments)
                yield return argument;
        }
        foreach (var text in new[] { port.Name, port.ProjectFolder, port.Container, port.Unit })
        {
            if (text is not null)
                yield return text;
        }
        foreach (var warning in port.Warnings)
        {
            yield return warning.Id;
            yield return warning.Text;
        }
    }

    public static string AddressOf(HeldSocket socket, Func<uint, string?> device)
    {
        var scope = device(socket.DeviceIndex) is { } name ? "%" + name : "";
        var address = socket.Local.Address;
        if (address is { Family: IpFamily.IPv6, IsAny: true } && socket.V6Only == Fact.No)
            return "*" + scope;
        return address.Family == IpFamily.IPv6 ? $"[{address}{scope}]" : address + scope;
    }

    private static string TypeOf(HeldSocket socket) => socket.SocketType switch
    {
        HeldSocket.UnixStream => "stream",
        HeldSocket.UnixDatagram => "dgram",
        HeldSocket.UnixSequencedPackets => "seqpacket",
        _ => "unix",
    };
}
