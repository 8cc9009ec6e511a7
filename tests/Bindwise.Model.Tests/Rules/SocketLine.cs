using Bindwise.Model.Rules;

namespace Bindwise.Model.Tests.Rules;

/// <summary>Sockets as short lines, so that a rule's test reads as a table: <c>tcp 127.0.0.1 LISTEN ra rp? v6only dev2 uid1000</c>.</summary>
internal static class SocketLine
{
    public const ushort Port = 8080;

    /// <summary>A held socket. <c>ra</c> on, <c>ra?</c> unknown, absent: off; so for <c>rp</c> and <c>v6only</c>.</summary>
    public static HeldSocket Held(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var address = Parse(words[1]);
        var state = words.Length > 2 ? StateOf(words[2]) : TcpSocketState.Bound;
        return new HeldSocket
        {
            Protocol = words[0] == "udp" ? Protocol.Udp : Protocol.Tcp,
            Family = address.Family,
            State = state,
            Local = new IpEndpoint(address, Port),
            V6Only = FactOf(words, "v6only"),
            ReuseAddress = FactOf(words, "ra"),
            ReusePort = FactOf(words, "rp"),
            DeviceIndex = NumberOf(words, "dev") ?? 0,
            UserId = words.Contains("uid?") ? null : NumberOf(words, "uid") ?? 0,
            Inode = state == TcpSocketState.TimeWait ? 0u : 7,
        };
    }

    /// <summary>An asking socket, in the same words.</summary>
    public static AskingSocket Want(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var request = new BindRequest
        {
            Protocol = words[0] == "udp" ? Protocol.Udp : Protocol.Tcp,
            Address = Parse(words[1]),
            Port = Port,
            ReuseAddress = words.Contains("ra"),
            ReusePort = words.Contains("rp"),
            V6Only = words.Contains("v6only"),
            UserId = NumberOf(words, "uid") ?? 0,
        };
        return AskingSocket.From(request, bindV6Only: false, NumberOf(words, "dev") ?? 0, KernelRelease.Documented);
    }

    private static IpAddress Parse(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    private static Fact FactOf(string[] words, string name) =>
        words.Contains(name + "?") ? Fact.Unknown : words.Contains(name) ? Fact.Yes : Fact.No;

    private static uint? NumberOf(string[] words, string prefix)
    {
        var word = Array.Find(words, w => w.StartsWith(prefix, StringComparison.Ordinal) && w.Length > prefix.Length && char.IsAsciiDigit(w[prefix.Length]));
        return word is null ? null : uint.Parse(word.AsSpan(prefix.Length), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static TcpSocketState StateOf(string word) => word switch
    {
        "LISTEN" => TcpSocketState.Listen,
        "ESTABLISHED" => TcpSocketState.Established,
        "TIME_WAIT" => TcpSocketState.TimeWait,
        "CLOSE_WAIT" => TcpSocketState.CloseWait,
        "FIN_WAIT2" => TcpSocketState.FinWait2,
        "BOUND" => TcpSocketState.Bound,
        "UNCONN" => TcpSocketState.Close,
        _ => TcpSocketState.Bound,
    };
}
