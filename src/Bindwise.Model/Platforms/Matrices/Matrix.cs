using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms.Matrices;

/// <summary>
/// Reads a socket as <c>--first</c> and <c>--second</c> take it: words in any order, of which one is an address. <c>[tcp|udp] [reuseaddr]
/// [reuseport] [reuseport_lb] [exclusive] [v6only|dual] [user N|root] ADDRESS[:PORT] [listen|bound|listening|connected|time-wait]</c>
/// </summary>
internal static class MatrixSpec
{
    private const string Example = "as in: tcp reuseaddr 0.0.0.0:8080 listen";
    private const int MostCharacters = 400;

    public static ParseResult<MatrixSocket> Read(string text)
    {
        if (text.Length > MostCharacters)
            return Fault("the description is too long");
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var socket = new MatrixSocket(default);
        var hasAddress = false;
        for (var index = 0; index < words.Length; index++)
        {
            var word = words[index];
            if (word == "user")
            {
                if (++index == words.Length || !uint.TryParse(words[index], NumberStyles.None, CultureInfo.InvariantCulture, out var user))
                    return Fault("user takes a number");
                socket = socket with { User = user };
            }
            else if (Apply(socket, word) is { } changed)
            {
                socket = changed;
            }
            else if (!hasAddress && TryEndpoint(word, out var address, out var port))
            {
                socket = socket with { Address = address, Port = port };
                hasAddress = true;
            }
            else
            {
                return Fault($"found \"{word}\", expected {(hasAddress ? "an option or a state" : "an address, an option or a state")}");
            }
        }
        if (!hasAddress)
            return Fault("there is no address");
        if (socket.V6Only is not null && socket.Address.Family == IpFamily.IPv4)
            return Fault("v6only and dual are for an address of IPv6");
        if (socket.Protocol == Protocol.Udp && (socket.Listens || socket.State is PlatformState.Listening or PlatformState.TimeWait))
            return Fault("UDP has no listen and no TIME_WAIT");
        return new ParseResult<MatrixSocket>(socket);
    }

    /// <summary>An address, in brackets or not, with a port or without.</summary>
    public static bool TryEndpoint(string text, out IpAddress address, out ushort? port)
    {
        (address, port) = (default, null);
        var place = text;
        var digits = "";
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
                return false;
            place = text[1..end];
            digits = end + 1 < text.Length ? text[(end + 2)..] : "";
            if (!place.Contains(':', StringComparison.Ordinal) || (end + 1 < text.Length && digits.Length == 0))
                return false;
        }
        else if (text.Count(static letter => letter == ':') == 1)
        {
            var colon = text.IndexOf(':', StringComparison.Ordinal);
            (place, digits) = (text[..colon], text[(colon + 1)..]);
            if (digits.Length == 0)
                return false;
        }
        if (digits.Length > 0)
        {
            if (!ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                return false;
            port = number;
        }
        return IpAddress.TryParse(place, out address);
    }

    private static MatrixSocket? Apply(MatrixSocket socket, string word) => word switch
    {
        "tcp" => socket with { Protocol = Protocol.Tcp },
        "udp" => socket with { Protocol = Protocol.Udp },
        "v6only" => socket with { V6Only = true },
        "dual" => socket with { V6Only = false },
        "root" => socket with { User = 0 },
        // The first one listens, the second one calls listen(): each reads its own.
        "listen" => socket with { Listens = true, State = PlatformState.Listening },
        _ when MatrixWords.OptionOf(word) is not MatrixOptions.None and var option => socket with { Options = socket.Options | option },
        _ when MatrixWords.StateOf(word) is { } state => socket with { State = state },
        _ => null,
    };

    private static ParseResult<MatrixSocket> Fault(string message) => new(null, $"{message}, {Example}");
}

/// <summary>What one system says to one pair of sockets.</summary>
/// <param name="Listen">What its listen() gives; null where it does not call it, or bind() did not succeed for certain.</param>
internal sealed record MatrixCell(PlatformProfile Platform, MatrixSocket First, MatrixSocket Second, PlatformRuling Bind,
    PlatformRuling? Listen)
{
    /// <summary>The port of sockets that name none.</summary>
    public const ushort OrdinaryPort = 8080;

    /// <summary>The call that decides: <c>bind</c>, or <c>listen</c> where that one came to be asked.</summary>
    public string Call => Listen is null ? "bind" : "listen";

    /// <summary>What <see cref="Call"/> gives, and by which rule.</summary>
    public PlatformRuling Ruling => Listen ?? Bind;

    /// <summary>Asks the rules of a system whether the second socket may bind, and listen, while the first is there.</summary>
    public static MatrixCell Of(PlatformProfile platform, MatrixSocket first, MatrixSocket second)
    {
        var held = new PlatformHeld(Standing(platform, first), first.State);
        var want = SocketOf(platform, second);
        var bind = platform.Bind(new PlatformQuestion(want, second.Port ?? first.Port ?? OrdinaryPort, [held]));
        var listen = second.Listens && bind.IsAllowed ? platform.Listen(want, [held]) : null;
        return new MatrixCell(platform, first, second, bind, listen);
    }

    /// <summary>A connection has an address of its own: that of a wildcard's stands on loopback.</summary>
    private static PlatformSocket Standing(PlatformProfile platform, MatrixSocket first)
    {
        var socket = SocketOf(platform, first);
        socket = socket with { V6Only = socket.V6Only || socket.Address.IsNativeIPv6 };
        return first.State is PlatformState.Connected or PlatformState.TimeWait && socket.IsWildcard
            ? socket with { Address = socket.Address.Loopback } : socket;
    }

    private static PlatformSocket SocketOf(PlatformProfile platform, MatrixSocket socket) => new()
    {
        Protocol = socket.Protocol,
        Address = socket.Address,
        V6Only = socket.Address.Family == IpFamily.IPv6 && (socket.V6Only ?? platform.Facts.V6OnlyDefault ?? false),
        ReuseAddress = (socket.Options & MatrixOptions.ReuseAddress) != 0,
        ReusePort = (socket.Options & MatrixOptions.ReusePort) != 0,
        ReusePortBalanced = (socket.Options & MatrixOptions.ReusePortBalanced) != 0,
        Exclusive = (socket.Options & MatrixOptions.Exclusive) != 0,
        UserId = socket.User,
        IsPrivileged = socket.IsRoot,
    };
}

[Flags]
internal enum MatrixOptions : byte
{
    None = 0,

    ReuseAddress = 1,

    ReusePort = 2,

    /// <summary>Sets SO_REUSEPORT_LB before bind() (FreeBSD).</summary>
    ReusePortBalanced = 4,

    /// <summary>Sets SO_EXCLUSIVEADDRUSE (Windows) or SO_EXCLBIND (illumos) before bind().</summary>
    Exclusive = 8,
}

/// <summary>
/// A cell of Linux as a scenario: what puts the first socket there, then the second one's calls, with what each must give.
/// </summary>
internal static class MatrixScenario
{
    private const string First = "first";
    private const string Second = "second";
    private const string Peer = "peer";
    private const string Connection = "connection";

    /// <summary>
    /// Whether a namespace of the lab has the cell's addresses, and Linux its options; and its port needs no privilege, as those that are
    /// played.
    /// </summary>
    public static bool CanPlay(MatrixCell cell) =>
        !cell.Bind.IsMissing && (cell.Second.Port ?? cell.First.Port ?? MatrixCell.OrdinaryPort) >= 1024
            && IsOfHost(cell.First.Address) && IsOfHost(cell.Second.Address);

    public static Scenario Of(MatrixCell cell, ushort port)
    {
        var steps = new ScenarioBuilder($"{cell.First}; then {cell.Second}");
        // One user for both is whoever plays: only root can play others, and no rule of these asks who it is.
        var isOne = cell.First.User == cell.Second.User;
        Open(steps, First, cell.First, isOne);
        steps.Bind(First, cell.First.Address.ToString(), port).Expect(StepResult.Ok);
        Bring(steps, cell.First, port);
        Open(steps, Second, cell.Second, isOne);
        steps.Bind(Second, cell.Second.Address.ToString(), port).Expect(cell.Bind.Text);
        if (cell.Listen is { } listen)
            steps.Listen(Second).Expect(listen.Text);
        return steps.Build();
    }

    private static void Open(ScenarioBuilder steps, string name, MatrixSocket socket, bool isOne)
    {
        uint? user = isOne || socket.IsRoot ? null : socket.User;
        _ = socket.Protocol == Protocol.Udp ? steps.Udp(name, socket.Address.Family, user) : steps.Tcp(name, socket.Address.Family, user);
        if (socket.V6Only is { } only)
            steps.Set(name, SocketOption.V6Only, only ? 1 : 0);
        if ((socket.Options & MatrixOptions.ReuseAddress) != 0)
            steps.Set(name, SocketOption.ReuseAddress);
        if ((socket.Options & MatrixOptions.ReusePort) != 0)
            steps.Set(name, SocketOption.ReusePort);
    }

    /// <summary>Brings the first socket into its state.</summary>
    private static void Bring(ScenarioBuilder steps, MatrixSocket socket, ushort port)
    {
        if (socket.State == PlatformState.Bound)
            return;
        if (socket.Protocol == Protocol.Udp)
        {
            steps.Connect(First, socket.Address.Loopback.ToString(), unchecked((ushort)(port ^ 1)));
            return;
        }
        steps.Listen(First).Expect(StepResult.Ok);
        if (socket.State == PlatformState.Listening)
            return;
        steps.Tcp(Peer, socket.Address.Family).Connect(Peer, First).Expect(StepResult.Ok).Accept(First, Connection).Expect(StepResult.Ok);
        if (socket.State == PlatformState.TimeWait)
            steps.Close(Connection).Close(Peer);
        steps.Close(First);
    }

    private static bool IsOfHost(IpAddress address) => address.IsWildcard || address.IsLoopback;
}
