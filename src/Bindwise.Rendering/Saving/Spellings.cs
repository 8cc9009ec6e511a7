using System.Globalization;
using Bindwise.Model.Addresses;
using Bindwise.Model.Runtimes;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;
using Bindwise.Rendering.Processes;

namespace Bindwise.Rendering.Saving;

/// <summary>Values that stand as texts in a snapshot file.</summary>
internal static class Spellings
{
    // The default of an address (no family) is what UNIX sockets carry; it has a spelling of its own so that nothing changes on the way.
    private const string None = "none";

    public static readonly Format<Protocol> Protocol = Words("a protocol", (Model.Addresses.Protocol.Tcp, "tcp"), (Model.Addresses.Protocol.Udp, "udp"), (Model.Addresses.Protocol.Unix, "unix"));

    public static readonly Format<IpFamily> Family = Words("an address family", (IpFamily.IPv4, "ipv4"), (IpFamily.IPv6, "ipv6"));

    public static readonly Format<Fact> Fact = Words("a fact", (Model.Sockets.Fact.Unknown, "unknown"), (Model.Sockets.Fact.No, "no"), (Model.Sockets.Fact.Yes, "yes"));

    public static readonly Format<NameKind> NameKind = Words("a kind of name", (Model.Snapshots.NameKind.Host, "host"), (Model.Snapshots.NameKind.Service, "service"));

    public static readonly Format<SocketUnitKind> SocketUnitKind = Words("a kind of listening",
        (Model.Snapshots.SocketUnitKind.Stream, "stream"), (Model.Snapshots.SocketUnitKind.Datagram, "datagram"),
        (Model.Snapshots.SocketUnitKind.SequentialPacket, "sequential-packet"));

    public static readonly Format<ProbedCall> ProbedCall = Words("a system call",
        (Model.Snapshots.ProbedCall.Bind, "bind"), (Model.Snapshots.ProbedCall.Socket, "socket"), (Model.Snapshots.ProbedCall.Listen, "listen"));

    public static readonly Format<PolicyHook> PolicyHook = Words("a hook",
        (Model.Snapshots.PolicyHook.None, "none"), (Model.Snapshots.PolicyHook.SocketCreate, "sock-create"), (Model.Snapshots.PolicyHook.Bind, "bind"),
        (Model.Snapshots.PolicyHook.PostBind, "post-bind"));

    public static readonly Format<HostSystem> System = Words("a system", (HostSystem.Linux, "linux"), (HostSystem.MacOS, "macos"), (HostSystem.Windows, "windows"), (HostSystem.Other, "other"));

    public static readonly Format<AddressKind> AddressKind = Words("a kind of address",
        (Model.Snapshots.AddressKind.Unknown, "unknown"), (Model.Snapshots.AddressKind.Local, "local"), (Model.Snapshots.AddressKind.Broadcast, "broadcast"),
        (Model.Snapshots.AddressKind.Multicast, "multicast"), (Model.Snapshots.AddressKind.Elsewhere, "elsewhere"));

    public static readonly Format<HoldingWay> HoldingWay = Words("a way to hold a socket", [.. HoldingWays.Names.Select(static pair => (pair.Way, pair.Name))]);
    public static readonly Format<Runtime> Runtime = Words("a runtime", [.. Enum.GetValues<Runtime>().Select(static runtime => (runtime, RuntimeNames.Id(runtime)))]);

    public static readonly Format<IpAddress> Address = new SpelledFormat<IpAddress>("an address", Spell, ParseAddress);

    public static readonly Format<IpEndpoint> Endpoint = new SpelledFormat<IpEndpoint>("an address with a port", Spell, ParseEndpoint);

    // Years at the ends of time would make every sum of times a trap.
    public static readonly Format<DateTimeOffset> Time = new SpelledFormat<DateTimeOffset>(
        "a time as 2026-07-01T14:02:31.0000000+02:00",
        time => time.ToString("O", CultureInfo.InvariantCulture),
        text => (DateTimeOffset.TryParseExact(text, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) && time.Year is >= 1970 and < 9999, time));

    public static readonly Format<char> Letter = new SpelledFormat<char>("one letter", letter => letter.ToString(), text => (text.Length == 1, text.Length == 1 ? text[0] : default));

    /// <summary>The kernel's name; a number for a state that has none here. CLOSE and BOUND stay apart, unlike where they are shown.</summary>
    public static readonly Format<TcpState> State = new SpelledFormat<TcpState>("a socket state", Spell, ParseState);

    private static SpelledFormat<T> Words<T>(string what, params (T Value, string Word)[] words)
        where T : struct, Enum => new(
            what,
            value => Array.Find(words, pair => EqualityComparer<T>.Default.Equals(pair.Value, value)).Word ?? words[0].Word,
            text => (Array.Exists(words, pair => pair.Word == text), Array.Find(words, pair => pair.Word == text).Value));

    private static string Spell(IpAddress address) => address == default ? None : address.ToString();

    private static (bool IsValid, IpAddress Value) ParseAddress(string text) =>
        text == None ? (true, default) : (IpAddress.TryParse(text, out var address), address);

    private static string Spell(IpEndpoint endpoint) => endpoint == default ? None : endpoint.ToString();

    private static (bool IsValid, IpEndpoint Value) ParseEndpoint(string text)
    {
        if (text == None)
            return (true, default);
        var colon = text.LastIndexOf(':');
        if (colon < 0 || !ushort.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
            return default;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return (IpAddress.TryParse(host, out var address), new IpEndpoint(address, port));
    }

    private static string Spell(TcpState state) => state == TcpState.Close
        ? "CLOSE"
        : Enum.IsDefined(state) ? TcpStateNames.Of(state, Model.Addresses.Protocol.Tcp) : ((byte)state).ToString(CultureInfo.InvariantCulture);

    private static (bool IsValid, TcpState Value) ParseState(string text)
    {
        if (byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return (true, (TcpState)number);
        foreach (var state in Enum.GetValues<TcpState>())
        {
            if (Spell(state) == text)
                return (true, state);
        }
        return default;
    }
}
