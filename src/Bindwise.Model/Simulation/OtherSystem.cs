using Bindwise.Model.Platforms;
using Bindwise.Model.Rules;
using Bindwise.Model.Scenarios;

namespace Bindwise.Model.Simulation;

/// <summary>
/// Decides in the place of Linux's rules what a simulated host is asked, by the documented rules of another system. What they leave open is
/// answered with <see cref="PlatformRuling.Unknown"/>, and noted as a doubt: the socket and its port are not to be trusted afterwards.
/// </summary>
internal sealed class OtherSystem(PlatformProfile profile, SimulatedSystem system)
{
    private static readonly PlatformRule NotDocumented =
        new("NOT-TOLD", "No source that we read says what this gives here.", "no source we read says", Confidence.Unknown);

    private readonly Dictionary<TcpMember, long> _doubtfulFrom = new(ReferenceEqualityComparer.Instance);

    // What a socket had set when it was bound.
    private readonly Dictionary<TcpMember, (bool ReuseAddress, bool ReusePort)> _atBind = new(ReferenceEqualityComparer.Instance);

    /// <summary>The last answer left something open that later ones hang on; the host takes it back.</summary>
    public bool HasDoubt { get; set; }

    public (Reply Reply, ushort Port) Bind(SimulatedSocket socket, IpAddress address, ushort port, uint scope)
    {
        if (address.Family != socket.Family || scope != 0 || AddressRules.NeedsScope(address))
            return (Undocumented(), 0);
        if (socket.Port == 0)
            _atBind[socket] = (socket.ReuseAddress, socket.ReusePort);
        if (port == 0)
            return ChoosePort(socket, address);
        var want = SocketOf(socket, address);
        return (Decide(socket, port, held => profile.Bind(QuestionOf(socket, want, port, held))), port);
    }

    public Reply Listen(SimulatedSocket socket) =>
        Decide(socket, socket.Port, held => profile.Listen(Bound(socket), held));

    /// <summary>connect() from a bound port whose four-tuple somebody has.</summary>
    public Reply TupleTaken(TcpMember holder) =>
        IsDoubtful(holder) || profile.Facts.TakenFourTuple is not { } errno
            ? Undocumented()
            : Reply.Fail(errno, RuleOf(new("TAKEN", $"connect() to a taken four-tuple, TIME_WAIT included, gives {errno}.", profile.Release,
                Confidence.SourceRead)))
                with
            { Blockers = [holder.Label] };

    /// <summary>setsockopt(), where it is not simply set; null where it is.</summary>
    public Reply? Set(SimulatedSocket socket, SocketOption option, OptionValue value)
    {
        var isIPv6 = socket.Family == IpFamily.IPv6;
        if (profile.Set(option, isIPv6) is { } ruling)
            return ReplyOf(ruling);
        if (option != SocketOption.V6Only)
            return null;
        var asked = SocketOf(socket, socket.Wildcard) with { V6Only = value.Number != 0 };
        return !isIPv6 || socket.Port != 0 ? Undocumented()
            : profile.FindUnsupported(asked) is { } rule ? ReplyOf(PlatformRuling.Missing(rule)) : null;
    }

    /// <summary>How long an entry's timer runs, in milliseconds; it may be gone earlier, in doubt. Null for a full socket's.</summary>
    public long? TimerOf(TcpMember member)
    {
        if (member is not TimeWaitEntry entry)
            return null;
        if (entry.State != TcpSocketState.TimeWait)
        {
            // How long FIN_WAIT2 lasts is not told: from the first moment that passes it is in doubt.
            _doubtfulFrom[member] = system.Time.Now + 1;
            return uint.MaxValue;
        }
        var (least, most) = profile.Facts.LocalTimeWait ?? (profile.Facts.TimeWait, profile.Facts.TimeWait) switch
        {
            ({ } nominal, _) => (nominal, nominal),
            _ => (TimeSpan.Zero, TimeSpan.FromDays(1)),
        };
        if (least < most)
            _doubtfulFrom[member] = system.Time.Now + (long)least.TotalMilliseconds;
        else
            _doubtfulFrom.Remove(member);
        return (long)most.TotalMilliseconds;
    }

    public Reply Undocumented()
    {
        HasDoubt = true;
        return Reply.Fail(PlatformRuling.Unknown, RuleOf(NotDocumented));
    }

    /// <summary>Whether what is left of a connection with these ends may be gone already.</summary>
    public bool HasDoubtfulAt(IpEndpoint local, IpEndpoint? remote) =>
        remote is { } end && system.ConnectionOf(FourTuple.Of(local.Address, local.Port, end.Address, end.Port)) is { } member
            && IsDoubtful(member);

    public bool IsDoubtful(TcpMember member) => _doubtfulFrom.TryGetValue(member, out var from) && system.Time.Now >= from;

    /// <summary>Which UDP sockets may get a datagram for a port, where it is not told which of several does; else none.</summary>
    public IEnumerable<string> UdpReceiversOn(ushort port) =>
        system.UdpPortOf(port) is { Count: > 1 } list ? list.Sockets.Select(static on => on.Member.Name) : [];

    /// <summary>Which listeners may get a connection to a port, where it is not told which of several does; else none.</summary>
    public IEnumerable<string> ListenersOn(ushort port)
    {
        var listeners = system.ListenersOf(port);
        // A specific address comes before a wildcard wherever that is told.
        return listeners.Where(one => listeners.Exists(other =>
            !ReferenceEquals(one, other) && (one.Address == other.Address || !profile.HasReusePort))).Select(static one => one.Name);
    }

    /// <summary>A search that takes only ports on which nothing stands: those every rule lets pass.</summary>
    private (Reply Reply, ushort Port) ChoosePort(SimulatedSocket socket, IpAddress address)
    {
        if (profile.Facts.Ephemeral is not { } range)
            return (Undocumented(), 0);
        if (!system.Owns(address) && !address.IsAny)
            return (Undocumented(), 0);
        for (var port = range.First; port <= range.Last; port++)
        {
            var candidate = (ushort)port;
            var isFree = socket.Protocol == Protocol.Tcp ? system.TcpPortOf(candidate) is null : system.UdpPortOf(candidate) is null;
            if (isFree && !system.Avoided.Contains(candidate))
                return (Reply.Ok(RuleOf(new("PORT-0", "The system chooses a port of its range.", profile.Release, Confidence.SourceRead))),
                    candidate);
        }
        return (Undocumented(), 0);
    }

    /// <summary>With all sockets, and without those that may be gone: only what both say is certain.</summary>
    private Reply Decide(SimulatedSocket socket, ushort port, Func<ImmutableArray<PlatformHeld>, PlatformRuling> decide)
    {
        var members = MembersOn(socket, port).ToList();
        var certain = members.FindAll(member => !IsDoubtful(member));
        var ruling = decide([.. members.Select(HeldOf)]);
        if (certain.Count < members.Count && decide([.. certain.Select(HeldOf)]).Text != ruling.Text)
            return Undocumented();
        // The one that decides is not told by the rules; all that stand on the port are named.
        return ReplyOf(ruling) with { Blockers = ruling.IsAllowed ? null : members.ConvertAll(static member => member.Label) };
    }

    private IEnumerable<TcpMember> MembersOn(SimulatedSocket socket, ushort port)
    {
        IEnumerable<TcpMember>? members = socket.Protocol == Protocol.Udp
            ? system.UdpPortOf(port)?.Sockets.Select(static on => on.Member)
            : system.TcpPortOf(port)?.Bucket.Members.Select(static on => on.Member);
        return members?.Where(member => !ReferenceEquals(member, socket)) ?? [];
    }

    private PlatformQuestion QuestionOf(SimulatedSocket socket, PlatformSocket want, ushort port, ImmutableArray<PlatformHeld> held) =>
        new(want, port, held)
        {
            IsBound = socket.Port != 0,
            IsLocal = want.IsWildcard || want.Address.IsMulticast || system.Owns(want.Address),
        };

    private static PlatformSocket SocketOf(SimulatedSocket socket, IpAddress address) => new()
    {
        Protocol = socket.Protocol,
        Address = address,
        V6Only = socket.V6Only,
        ReuseAddress = socket.ReuseAddress,
        ReusePort = socket.ReusePort,
        UserId = socket.UserId,
        IsPrivileged = socket.UserId == 0,
    };

    // Where setsockopt() comes too late after bind(), what was set then counts.
    private PlatformSocket Bound(SimulatedSocket socket)
    {
        var now = SocketOf(socket, socket.Address);
        return _atBind.TryGetValue(socket, out var then) ? now with
        {
            ReuseAddress = profile.KeepsReuseAddress ? then.ReuseAddress : now.ReuseAddress,
            ReusePort = profile.KeepsReusePort ? then.ReusePort : now.ReusePort,
        } : now;
    }

    private PlatformHeld HeldOf(TcpMember member)
    {
        if (member is SimulatedSocket socket)
        {
            var state = socket.State == TcpSocketState.Listen ? PlatformState.Listening
                : socket.State == TcpSocketState.Close ? PlatformState.Bound : PlatformState.Connected;
            return new PlatformHeld(Bound(socket), state);
        }
        var traits = member.Traits;
        return new PlatformHeld(
            new PlatformSocket
            {
                Address = traits.Address,
                V6Only = traits.V6Only == Fact.Yes,
                ReuseAddress = traits.ReuseAddress == Fact.Yes,
                ReusePort = traits.ReusePort == Fact.Yes,
                UserId = traits.UserId ?? 0,
                IsPrivileged = traits.UserId == 0,
            },
            member is TimeWaitEntry { State: TcpSocketState.TimeWait } ? PlatformState.TimeWait : PlatformState.Connected);
    }

    private Reply ReplyOf(PlatformRuling ruling)
    {
        var rule = RuleOf(ruling.Rule);
        if (ruling.IsAllowed)
            return Reply.Ok(rule);
        HasDoubt |= ruling.IsOpen;
        return Reply.Fail(ruling is { IsRefused: true, Results: [var errno] } ? PosixOf(errno) : PlatformRuling.Unknown, rule);
    }

    private static string PosixOf(string errno) => errno.StartsWith("WSA", StringComparison.Ordinal) ? errno[3..] : errno;

    private static Rule RuleOf(PlatformRule rule) => new() { Id = new RuleId(rule.Id), Sentence = rule.Sentence, Source = rule.Citation };
}
