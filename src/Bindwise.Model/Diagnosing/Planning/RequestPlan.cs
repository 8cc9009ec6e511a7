using Bindwise.Model.Diagnosing.Provenance;
using Bindwise.Model.Targets;

namespace Bindwise.Model.Diagnosing.Planning;

/// <summary>The bind() calls that a target stands for: those asked about, and the other usual ways beside them.</summary>
internal sealed record RequestPlan
{
    /// <summary>The binds that the verdict stands on: it is blocked when one of them is.</summary>
    public ImmutableArray<BindRequest> Asked { get; private init; } = [];

    /// <summary>The same addresses bound plainly, with SO_REUSEADDR and with SO_REUSEPORT, as far as not asked.</summary>
    public ImmutableArray<BindRequest> Others { get; private init; } = [];

    /// <summary>The port, a service name resolved; null for UNIX, and for a service that nobody knows.</summary>
    public ushort? Port { get; private init; }

    /// <summary>Where the connect() in question was to go, each address of its host; empty for a bind().</summary>
    public ImmutableArray<IpEndpoint> Destinations { get; private init; } = [];

    /// <summary>What the program makes its sockets with.</summary>
    public SocketApi Api { get; private init; }

    /// <summary>The ports that the connection in question may have; empty for all that the system gives out.</summary>
    public ImmutableArray<PortRange> SourcePorts { get; private init; } = [];

    /// <summary>The addresses that the connection in question comes from; empty where the system chooses.</summary>
    public ImmutableArray<IpAddress> Sources { get; private init; } = [];

    /// <summary>
    /// The program bound the connection's port itself: connect() then looks whether just this connection is there, and at nothing else
    /// (__inet_check_established(), net/ipv4/inet_hashtables.c).
    /// </summary>
    public bool IsSourcePortBound { get; private init; }

    /// <summary>Those, or where the system chooses what the routes give; empty where neither is known.</summary>
    private ImmutableArray<IpAddress> PossibleSources { get; init; } = [];

    /// <summary>
    /// Nobody told what the program sets, so the binds asked about are those of a usual server, with SO_REUSEADDR: nearly all servers and
    /// runtimes set it on Linux before they bind a TCP port.
    /// </summary>
    public bool AssumesReuseAddress { get; private init; }

    /// <summary>One remark for each address that was skipped since the host lacks its family.</summary>
    public ImmutableArray<Remark> Limits { get; private init; } = [];

    /// <summary>Whether a socket is on the port in question; a UNIX socket that was read is at the path in question.</summary>
    public bool IsOnPort(HeldSocket socket) => socket.Protocol == Protocol.Unix || socket.Local.Port == Port;

    /// <summary>Whether connections from an address to another take ports of the one in question.</summary>
    public bool IsAsked(IpEndpoint remote, IpAddress local) =>
        Destinations.Contains(remote) && (PossibleSources.IsEmpty || PossibleSources.Contains(local));

    /// <summary>Expands a target. Needs the snapshot's settings, caller and looked-up names only.</summary>
    public static RequestPlan From(Target target, ProgramOptions options, Snapshot snapshot)
    {
        if (target.Protocol == Protocol.Unix)
            return new RequestPlan
            {
                Asked =
                [
                    new BindRequest
                    {
                        Protocol = Protocol.Unix,
                        Path = target.Path,
                        UnixType = options.UnixType == 0 ? HeldSocket.UnixStream : options.UnixType,
                        UserId = snapshot.Caller.BinderId,
                    },
                ]
            };
        if (PortOf(target, snapshot) is not { } port)
            return new RequestPlan();
        var limits = new List<Remark>();
        if (snapshot.Caller.Device is { } device && options.Device is null)
            limits.Add(Remark.Of("sockets-bound-to-device",
                $"Here the kernel binds each new socket to interface {device}, as under ip vrf exec."));
        var assumes = AssumesServer(target, options, snapshot);
        var model = Template(target, options, snapshot, assumes) with { Port = port };
        var destinations = DestinationsOf(target, snapshot, limits);
        var asked = AddressesOf(target, destinations, snapshot, limits)
            .Select(address => model with { Address = address, V6Only = address.Family == IpFamily.IPv6 ? model.V6Only : null })
            .ToImmutableArray();
        var others = asked.SelectMany(OtherWays).Distinct().Except(asked).ToImmutableArray();
        var source = target.Destination?.Source;
        // A program whose connect() failed had it from bind().
        if (source is not null && target.Pasted is null && snapshot.Portable is null)
            limits.Add(Remark.Of("source-not-asked",
                $"Whether bind() gives {source} is another question: bindwise why {source} answers it."));
        var sources = source is { Address: { IsAny: false } own } ? [own.Unmapped] : options.Sources;
        return new RequestPlan
        {
            Asked = asked,
            Others = target.Destination is null ? others : [],
            Port = port,
            AssumesReuseAddress = assumes,
            Api = options.Api,
            SourcePorts = source is { Port: var bound and not 0 } ? [new PortRange(bound, bound)] : options.SourcePorts,
            Sources = sources,
            IsSourcePortBound = source is { Port: not 0 },
            PossibleSources = sources.IsEmpty ? snapshot.Ephemeral?.RoutedSources ?? [] : sources,
            Limits = [.. limits],
            Destinations = destinations
        };
    }

    /// <summary>
    /// Of a pasted error only where its runtime sets the option, which a program may undo: else the program failed, which a usual server
    /// does not where SO_REUSEADDR helps. Not where options were told, nor for port 0, where the option shares nothing unless
    /// net.ipv4.ip_autobind_reuse is set; nor for the portable answer, whose own bind() sets what .NET sets.
    /// </summary>
    private static bool AssumesServer(Target target, ProgramOptions options, Snapshot snapshot) =>
        target is { Protocol: Protocol.Tcp, Destination: null } && (target.Port != 0 || snapshot.Settings.AutobindReuse == true)
        && options is { ReuseAddress: null, ReusePort: null } && snapshot.Portable is null
        && (target.Pasted is { } pasted ? pasted is { Errno: "EADDRINUSE", Runtime: not null, Program: null, SetsReuseAddress: true }
            : ProgramDefaults.Of(target, snapshot) is not { SetsReuseAddress: not null });

    private static BindRequest Template(Target target, ProgramOptions options, Snapshot snapshot, bool assumesReuseAddress)
    {
        var known = ProgramDefaults.Of(target, snapshot);
        // A running program shows the options of its TCP listeners alone; a text is of a socket of this protocol.
        var defaults = target.Protocol == Protocol.Tcp ? known : target.Pasted;
        return new BindRequest
        {
            Protocol = target.Protocol,
            ReuseAddress = options.ReuseAddress ?? defaults?.SetsReuseAddress ?? assumesReuseAddress,
            ReusePort = options.ReusePort ?? defaults?.SetsReusePort ?? false,
            V6Only = options.V6Only ?? known?.SetsV6Only ?? (IsOneDualStackSocket(target, snapshot) ? false : null),
            Device = options.Device ?? snapshot.Caller.Device,
            Freebind = options.Freebind,
            Scope = target.Scope,
            UserId = snapshot.Caller.BinderId,
        };
    }

    private static ushort? PortOf(Target target, Snapshot snapshot) => target.Port
        ?? snapshot.Names.FirstOrDefault(n => n.Kind == NameKind.Service && n.Name == target.Service)?.Port;

    private static ImmutableArray<IpEndpoint> DestinationsOf(Target target, Snapshot snapshot, List<Remark> limits)
    {
        if (target.Destination is not { } destination)
            return [];
        var addresses = destination.Address is { } address ? [address] : Present(AddressesOf(destination.Host, snapshot), snapshot, limits);
        // connect() to a mapped address is one of IPv4 (tcp_v6_connect()).
        return [.. addresses.Select(a => new IpEndpoint(Reached(a.Unmapped), destination.Port))];

        // The wildcard stands for the source's own address, and without one for loopback (ip_route_output_key_hash_rcu(),
        // tcp_v6_connect()).
        IpAddress Reached(IpAddress to) => !to.IsAny ? to
            : destination.Source is { Address: { IsAny: false } own } && own.Unmapped.Family == to.Family ? own.Unmapped
            : to.Family == IpFamily.IPv4 ? IpAddress.LoopbackIPv4 : IpAddress.LoopbackIPv6;
    }

    /// <summary>
    /// connect() binds by itself: to ::1 itself, which exists or not, else to whatever address the routes give; UDP to the wildcard before
    /// it looks at the routes (inet_dgram_connect(), net/ipv4/af_inet.c).
    /// </summary>
    private static IpAddress SourceOf(IpAddress destination, Target target) =>
        target is { Protocol: Protocol.Udp, Destination.Source: { Address: { IsAny: false } own } } ? own
        : destination == IpAddress.LoopbackIPv6 && target.Protocol != Protocol.Udp ? destination
        : destination.AsIPv4 is null ? IpAddress.AnyIPv6 : IpAddress.AnyIPv4;

    private static List<IpAddress> AddressesOf(Target target, ImmutableArray<IpEndpoint> destinations, Snapshot snapshot,
        List<Remark> limits)
    {
        if (target.Destination is not null)
            return [.. destinations.Select(d => SourceOf(d.Address, target)).Distinct()];
        if (IsOneDualStackSocket(target, snapshot))
            return [IpAddress.AnyIPv6];
        if (target.Address is { } address)
            return [address];
        var named = target.Host is null or "*" or "+"
            ? [IpAddress.AnyIPv4, IpAddress.AnyIPv6]
            : AddressesOf(target.Host, snapshot);
        return Present(named, snapshot, limits);
    }

    private static ImmutableArray<IpAddress> AddressesOf(string? host, Snapshot snapshot) =>
        snapshot.Names.FirstOrDefault(n => n.Kind == NameKind.Host && n.Name == host)?.Addresses ?? [];

    /// <summary>Some runtimes open one [::] socket for both families, even where their error says 0.0.0.0.</summary>
    private static bool IsOneDualStackSocket(Target target, Snapshot snapshot) =>
        ProgramDefaults.Of(target, snapshot) is { WildcardIsDualStack: true }
        && snapshot.Settings.HasIPv6 && MayOpen(IpFamily.IPv6, snapshot) && target.IsEveryAddress;

    /// <summary>Of several addresses, those whose family the host has: a server would skip the others as well.</summary>
    private static List<IpAddress> Present(ImmutableArray<IpAddress> addresses, Snapshot snapshot, List<Remark> limits)
    {
        var present = addresses.Where(a => Has(a, snapshot)).Distinct().ToList();
        if (present.Count == 0)
            return [.. addresses.Distinct()];
        foreach (var skipped in addresses.Distinct().Except(present))
        {
            var family = skipped.Family == IpFamily.IPv6 ? "IPv6" : "IPv4";
            var isFiltered = !MayOpen(skipped.Family, snapshot)
                && (skipped.Family == IpFamily.IPv6 ? snapshot.Settings.HasIPv6 : snapshot.Settings.HasIPv4);
            limits.Add(Remark.Of("family-missing", isFiltered
                ? $"A filter of system calls refuses {family} sockets here, so {skipped} was skipped."
                : $"{family} is switched off on this host, so {skipped} was skipped."));
        }
        return present;
    }

    // A filter of system calls that refuses a family is the program's own: it says nothing about another program that is asked for.
    private static bool MayOpen(IpFamily family, Snapshot snapshot) => snapshot.Caller.As is not null
        || (family == IpFamily.IPv4 ? snapshot.Settings.MayOpenIPv4 : snapshot.Settings.MayOpenIPv6);

    private static bool Has(IpAddress address, Snapshot snapshot) => MayOpen(address.Family, snapshot) && (address.Family == IpFamily.IPv4
        ? snapshot.Settings.HasIPv4
        : snapshot.Settings.HasIPv6 && (address.IsAny || !LacksIPv6Addresses(snapshot)));

    private static bool LacksIPv6Addresses(Snapshot snapshot) =>
        (snapshot.Settings.DisableIPv6 == true || snapshot.Interfaces is [_, ..] links && links.All(static link => link.IsIPv6Off))
        && !snapshot.Interfaces.Any(static i => i.Addresses.Any(static a => a.Address.Family == IpFamily.IPv6));

    private static IEnumerable<BindRequest> OtherWays(BindRequest asked)
    {
        yield return asked.Plain;
        yield return asked with { ReuseAddress = true, ReusePort = false };
        yield return asked with { ReuseAddress = false, ReusePort = true };
    }
}

/// <summary>
/// What the program in question does to its socket before bind(), as far as nobody told: by the pasted error; by the sockets on which the
/// program listens already; by its runtime.
/// </summary>
internal static class ProgramDefaults
{
    /// <summary>What is known; null when nothing is.</summary>
    public static PastedError? Of(Target target, Snapshot snapshot)
    {
        var shown = snapshot.Caller.As is { } program ? Shown(target, program) : null;
        return target.Pasted is not { } pasted ? shown : shown is null ? pasted : pasted with
        {
            SetsReuseAddress = pasted.SetsReuseAddress ?? shown.SetsReuseAddress,
            SetsReusePort = pasted.SetsReusePort ?? shown.SetsReusePort,
            SetsV6Only = pasted.SetsV6Only ?? shown.SetsV6Only,
            WildcardIsDualStack = pasted.WildcardIsDualStack ?? shown.WildcardIsDualStack,
        };
    }

    /// <summary>
    /// The listener whose options are taken for those of the next socket: the one on the port in question, else the first.
    /// </summary>
    public static HeldSocket? Model(Target target, Subject program)
    {
        if (target.Protocol != Protocol.Tcp || program.SetsReuseAddress is not null)
            return null;
        var known = program.Listeners.Where(static s => s.Protocol == Protocol.Tcp && s.ReuseAddress != Fact.Unknown).ToList();
        return known.Find(s => s.Local.Port == target.Port) ?? known.FirstOrDefault();
    }

    private static PastedError? Shown(Target target, Subject program)
    {
        if (program.SetsReuseAddress is not null || program.SetsReusePort is not null || program.SetsV6Only is not null)
            return new PastedError
            {
                SetsReuseAddress = program.SetsReuseAddress,
                SetsReusePort = program.SetsReusePort,
                SetsV6Only = program.SetsV6Only
            };
        var byRuntime =
            program.Process is { } process ? ProgramFamilies.Of(process, program.Runtime)?.Describe(target.Protocol, target.Address) : null;
        if (Model(target, program) is not { } model)
            return byRuntime;
        // Where its listeners differ from each other it decides case by case: then only the one on the very port tells.
        var alike = program.Listeners.Where(
            s => s.Protocol == Protocol.Tcp && (model.Local.Port != target.Port || s.Local.Port == target.Port)).ToList();
        var atWildcard = alike.Where(static s => s.Family == IpFamily.IPv6 && s.Local.Address.IsAny).ToList();
        var isAtWildcard = target.Address is null or { IsAny: true };
        return (byRuntime ?? new PastedError()) with
        {
            SetsReuseAddress = Agreed(alike, static s => s.ReuseAddress) ?? byRuntime?.SetsReuseAddress,
            SetsReusePort = Agreed(alike, static s => s.ReusePort) ?? byRuntime?.SetsReusePort,
            SetsV6Only = (isAtWildcard ? Agreed(atWildcard, static s => s.V6Only) : null) ?? byRuntime?.SetsV6Only,
        };
    }

    private static bool? Agreed(List<HeldSocket> sockets, Func<HeldSocket, Fact> option)
    {
        if (sockets.Count == 0 || option(sockets[0]) is var first && first == Fact.Unknown)
            return null;
        return sockets.TrueForAll(s => option(s) == first) ? first == Fact.Yes : null;
    }
}
