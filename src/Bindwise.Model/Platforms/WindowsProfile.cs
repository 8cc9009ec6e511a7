using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Platforms;

/// <summary>Windows Server 2003 and later, as Microsoft's tables have it; there is no SO_REUSEPORT.</summary>
internal sealed class WindowsProfile : PlatformProfile
{
    private const string Page = "MicrosoftDocs/win32, WinSock/using-so-reuseaddr-and-so-exclusiveaddruse";
    private const string Access = "WSAEACCES";

    private static readonly PlatformRule Free =
        Documented("WIN-0", "Nothing on the port, or two different specific addresses, which never conflict.");

    private static readonly PlatformRule WildcardFirst = Documented(
        "WIN-1",
        "A wildcard is there and a specific address asks: SO_EXCLUSIVEADDRUSE on the old one denies it; with SO_REUSEADDR on both it "
            + "succeeds; else the same user succeeds and another is denied.");

    private static readonly PlatformRule SpecificFirst = Documented(
        "WIN-2", "A specific address is there and a wildcard asks: in use with SO_EXCLUSIVEADDRUSE on the new one, else it succeeds, "
            + "whatever the options and the user.");

    private static readonly PlatformRule Same = Documented(
        "WIN-3", "Both wildcards, or the same address: with SO_REUSEADDR on the new one it succeeds if the old one had it too and is "
            + "denied otherwise; without it, it is in use.");

    private static readonly PlatformRule SameProse = Documented(
        "WIN-3-PROSE", "The page disagrees with itself: its prose lets the same user take a plain socket's address with SO_REUSEADDR, its "
            + "table denies it.");

    private static readonly PlatformRule SameDriver = new(
        "WIN-3-WSK",
        "A plain socket after one with SO_REUSEADDR at the same specific address: the page says in use, the driver's page (WSK) says "
            + "denied.",
        Page + "; WSK: SO_EXCLUSIVEADDRUSE and SO_REUSEADDR",
        Confidence.VendorDocument);

    private static readonly PlatformRule Dual = Documented(
        "WIN-DUAL", "A dual-stack :: holds the port on both stacks and must pass the tests of both.");

    private static readonly PlatformRule DualExclusive = Documented(
        "WIN-DUAL-EX", "The page disagrees with itself: an exclusive dual-stack :: over a specific IPv4 address is denied by its example, "
            + "in use by its table.");

    private static readonly PlatformRule Stacks =
        Documented("WIN-STACK", "IPv4 and IPv6 are stacks of their own: only a dual-stack :: meets both.");

    private static readonly PlatformRule Shared = Documented(
        "WIN-SHARE", "With SO_REUSEADDR on both, sockets that provide a TCP service may share an address; which of them gets a connection "
            + "is not determined.");

    private static readonly PlatformRule Waits = new(
        "WIN-EX-WAIT",
        "An exclusive socket cannot take the port of an exclusive one that was closed until its connections, TIME_WAIT included, are over; "
            + "the sources do not say with which error.",
        Page + "; libuv src/win/tcp.c",
        Confidence.VendorDocument);

    private static readonly PlatformRule OverTimeWait = new(
        "WIN-TW", "A socket without options binds over TIME_WAIT.", "Go src/net/sockopt_windows.go, libuv src/win/tcp.c",
        Confidence.SourceRead);

    private static readonly PlatformRule State = new(
        "WIN-STATE", "The tables do not say whether the old socket is bound, listens or is connected.", Page, Confidence.Unknown);

    private static readonly PlatformRule Mapped =
        new("WIN-MAPPED", "The sources do not say what a v4-mapped address conflicts with.", Page, Confidence.Unknown);

    private static readonly PlatformRule Later = new(
        "WIN-LISTEN", "After a wildcard bind in use may show only at listen() or connect(); the sources do not say whether it does.",
        "WinSock, bind()", Confidence.Unknown);

    private static readonly PlatformRule Both =
        new("WIN-BOTH", "SO_REUSEADDR and SO_EXCLUSIVEADDRUSE on one socket are not in the tables.", Page, Confidence.Unknown);

    private static readonly PlatformRule Bound = new("WIN-BOUND", "A socket is bound once: WSAEINVAL.", "from memory", Confidence.Memory);

    private static readonly PlatformRule Foreign =
        new("WIN-ADDR", "The host must have the address: WSAEADDRNOTAVAIL.", "from memory", Confidence.Memory);

    private static readonly PlatformRule Order =
        new("WIN-ORDER", "The sources do not say which of several errors comes first.", "no source that we read says", Confidence.Unknown);

    private static readonly PlatformRule NoReusePort = new("WIN-RP", "There is no SO_REUSEPORT.", Page, Confidence.VendorDocument);

    private static readonly PlatformRule NoOption = new(
        "WIN-OPT", "This is a Linux option; no source that we read says what Windows has instead.", "setsockopt()", Confidence.Unknown);

    public override string Id => "windows";
    public override string Name => "Windows";
    public override string Release => "Server 2003 and later";
    public override string InUse => "WSAEADDRINUSE";
    public override bool HasReusePort => false;
    public override string? ExclusiveOption => "SO_EXCLUSIVEADDRUSE";

    public override ImmutableArray<PlatformRule> Rules =>
    [
        Free, WildcardFirst, SpecificFirst, Same, SameProse, SameDriver, Dual, DualExclusive, Stacks, Shared, Waits, OverTimeWait,
        State, Mapped, Later, Both, Bound, Foreign, Order, NoReusePort, NoOption,
    ];

    public override PlatformFacts Facts { get; } = new()
    {
        TimeWait = TimeSpan.FromSeconds(120),
        LocalTimeWait = (TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(300)),
        Ephemeral = new PortRange(49152, 65535),
        V6OnlyDefault = true,
        Listed =
        [
            ("TIME_WAIT", new(
                "TcpTimedWaitDelay, 120 s by default (30 to 300; older pages say 240); the sources do not say whether Windows 10 and later "
                    + "obey it.",
                "translated copy of the page", Confidence.VendorDocument)),
            ("Automatic ports", new("From 49152.", Page, Confidence.VendorDocument)),
            ("IPV6_V6ONLY", new("On by default.", "WinSock, dual-stack sockets", Confidence.VendorDocument)),
            ("Privileged ports",
                new("None. WSAEACCES (10013) mostly means an excluded range, which nobody owns: netsh int ipv4 show excludedportrange tcp.",
                    "from memory; Hyper-V issues", Confidence.Memory)),
            ("Order of errors", PlatformFact.Open("The sources do not say.")),
            ("connect() to a taken four-tuple", PlatformFact.Open("The sources do not say.")),
            ("No port left", PlatformFact.Open("The sources do not say.")),
            ("Runtimes", new(
                "Go and libuv set nothing, neither exclusive; libuv reports a bind conflict from listen(), on Unix too. .NET's TcpListener "
                    + "is exclusive only when asked.",
                "Go, libuv, dotnet/runtime", Confidence.SourceRead)),
        ],
    };

    public override PlatformRuling Listen(PlatformSocket want, ImmutableArray<PlatformHeld> held) =>
        held.Any(other => StackOf(want, other.Socket) is not { IsAllowed: true } && Meets(want, other.Socket))
            ? PlatformRuling.Open(Later) : PlatformRuling.Allow(Free);

    public override PlatformRuling? Set(SocketOption option, bool isIPv6) => option switch
    {
        SocketOption.ReuseAddress or SocketOption.V6Only or SocketOption.Linger => null,
        SocketOption.ReusePort => PlatformRuling.Open(NoReusePort),
        _ => PlatformRuling.Open(NoOption),
    };

    private protected override PlatformRuling Decide(PlatformQuestion question)
    {
        var conflicts = Conflicts(question.Want, question.Held);
        if (!question.IsBound && question.IsLocal)
            return conflicts;
        if (!conflicts.IsAllowed || question.IsBound != question.IsLocal)
            return PlatformRuling.Open(Order);
        return question.IsBound ? PlatformRuling.Refuse("WSAEINVAL", Bound) : PlatformRuling.Refuse("WSAEADDRNOTAVAIL", Foreign);
    }

    private PlatformRuling Conflicts(PlatformSocket want, ImmutableArray<PlatformHeld> held) =>
        PlatformRuling.Worst(held.Select(other => Pair(want, other))) ?? PlatformRuling.Allow(Free);

    private PlatformRuling Pair(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (StackOf(want, other) is { } stacks)
            return stacks;
        if (!Meets(want, other))
            return PlatformRuling.Allow(Free);
        if ((want.ReuseAddress && want.Exclusive) || (other.ReuseAddress && other.Exclusive))
            return PlatformRuling.Open(Both);
        return held.State == PlatformState.Bound ? Table(want, other) : OfState(want, held);
    }

    /// <summary>What the families say before the table is asked; null where both stand on one stack.</summary>
    private static PlatformRuling? StackOf(PlatformSocket want, PlatformSocket other)
    {
        if (want.Address.IsMapped || other.Address.IsMapped)
            return PlatformRuling.Open(Mapped);
        return want.Address.Family == other.Address.Family || want.IsDual || other.IsDual ? null : PlatformRuling.Allow(Stacks);
    }

    /// <summary>The three lines that give the 72 cells of the page's tables.</summary>
    private PlatformRuling Table(PlatformSocket want, PlatformSocket other)
    {
        var isSameUser = want.UserId == other.UserId;
        var areShared = want.ReuseAddress && other.ReuseAddress;
        var isDual = want.Address.Family != other.Address.Family;
        return (other.IsWildcard, want.IsWildcard) switch
        {
            (true, false) => other.Exclusive || !(areShared || isSameUser)
                ? PlatformRuling.Refuse(Access, WildcardFirst) : PlatformRuling.Allow(isDual ? Dual : WildcardFirst),
            (false, true) when want.Exclusive && isDual => PlatformRuling.Either(InUse, Access, DualExclusive),
            (false, true) =>
                want.Exclusive ? PlatformRuling.Refuse(InUse, SpecificFirst) : PlatformRuling.Allow(isDual ? Dual : SpecificFirst),
            _ when areShared => PlatformRuling.Allow(isDual ? Dual : Same),
            _ when want.ReuseAddress => isSameUser && !other.Exclusive
                ? PlatformRuling.Either(Access, PlatformRuling.Ok, SameProse) : PlatformRuling.Refuse(Access, Same),
            _ => !want.Exclusive && other.ReuseAddress && !want.IsWildcard
                ? PlatformRuling.Either(InUse, Access, SameDriver) : PlatformRuling.Refuse(InUse, Same),
        };
    }

    private PlatformRuling OfState(PlatformSocket want, PlatformHeld held)
    {
        var other = held.Socket;
        if (held.State == PlatformState.Listening)
            return want.ReuseAddress && other.ReuseAddress ? PlatformRuling.Allow(Shared) : PlatformRuling.Open(State);
        if (want.Exclusive && other.Exclusive && want.Protocol == Protocol.Tcp)
            return PlatformRuling.Either(InUse, Access, Waits);
        return held.State == PlatformState.TimeWait && !want.Exclusive && !want.ReuseAddress
            ? PlatformRuling.Allow(OverTimeWait)
            : PlatformRuling.Open(State);
    }

    private static PlatformRule Documented(string id, string sentence) => new(id, sentence, Page, Confidence.VendorDocument);
}
