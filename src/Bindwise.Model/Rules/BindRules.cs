namespace Bindwise.Model.Rules;

/// <summary>The whole of bind(): errors in the kernel's order, then the conflicts. A pure function of request and snapshot.</summary>
internal static class BindRules
{
    /// <summary>Decides one bind(); listen() right after it runs the same conflict check, so it gets the same answer.</summary>
    public static Decision Decide(BindRequest request, Snapshot snapshot)
    {
        if (request.Protocol == Protocol.Unix)
            return UnixBindRules.Decide(request, snapshot);
        // Programs on a cgroup's bind() run before all else (inet_bind_sk(), net/ipv4/af_inet.c).
        if (DenialByUnit(request, snapshot) is not null || IsForbiddenToProgram(snapshot))
            return Decision.Block("EPERM", RuleBook.DeniedByPolicy);
        if (FirstError(request, snapshot) is not { } error)
            return request.Port == 0 ? PortZero(request, snapshot) : Conflicts(request, snapshot);
        if (snapshot.Coverage.IsPast && (error.Rule == RuleBook.NoSuchDevice || error.Rule == RuleBook.AddressNotLocal
            || error.Rule == RuleBook.AddressNotLocalIPv6))
            return Recorded(request, snapshot);
        return error.Errno is { } errno ? Decision.Block(errno, error.Rule) : Decision.Unsettled(error.Rule);
    }

    /// <summary>
    /// A record does not have all addresses and interfaces of the host. With a socket in the way bind() failed whether it had these or not.
    /// </summary>
    private static Decision Recorded(BindRequest request, Snapshot snapshot) =>
        Conflicts(request, snapshot) is { Outcome: not Outcome.Allowed } held ? held : Decision.Unsettled(
            request.Address.Family == IpFamily.IPv6 ? RuleBook.AddressNotLocalIPv6 : RuleBook.AddressNotLocal);

    /// <summary>The conflicts alone, whatever bind() would have met before them: a privileged port may be taken as well.</summary>
    public static Decision Conflicts(BindRequest request, Snapshot snapshot) =>
        // An unread table denies nothing.
        snapshot.Coverage.SocketsUnread
            ? Decision.Unsettled(RuleBook.HeldExclusively)
            : ConflictRules.Decide(AskingSocketFor(request, snapshot), snapshot.Sockets, VrfTable.Of(snapshot));

    /// <summary>The rule by which the program's unit forbids the bind; null where none does, or another allows it.</summary>
    internal static SocketBindRule? DenialByUnit(BindRequest request, Snapshot snapshot) =>
        snapshot.Caller.As is not { BindRules: { IsEmpty: false } rules } || rules.Any(rule => rule.Allows && rule.Covers(request))
            ? null : rules.FirstOrDefault(rule => !rule.Allows && rule.Covers(request));

    /// <summary>A policy of the program for which it is answered, read from where it stands: no probe of ours would meet it.</summary>
    private static bool IsForbiddenToProgram(Snapshot snapshot) => snapshot.Policies is { ProcessId: not null } survey
        && survey.Found.Any(static policy => policy is { Kind: PolicyKind.CgroupBpf, Denies: Fact.Yes });

    private static Refusal? FirstError(BindRequest request, Snapshot snapshot)
    {
        var family = request.Address.Family;
        if (family == IpFamily.IPv6 ? !snapshot.Settings.HasIPv6 : !snapshot.Settings.HasIPv4)
            return new Refusal("EAFNOSUPPORT", RuleBook.FamilyNotSupported);
        var device = request.Device is null ? 0 : AddressRules.DeviceIndexOf(request.Device, snapshot.Interfaces);
        if (request.Device is not null && device == 0)
            return new Refusal("ENODEV", RuleBook.NoSuchDevice);
        var scope = request.Scope is null ? 0 : AddressRules.DeviceIndexOf(request.Scope, snapshot.Interfaces);
        var question = new AddressQuestion(
            AskingSocket.From(request, snapshot.Settings.BindV6Only ?? false, device, snapshot.KernelRelease),
            family,
            IsTaken: false,
            TakesForeign: request.Freebind,
            request.Scope is not null && scope == 0 ? AddressQuestion.NoInterface : scope,
            snapshot.Caller.MayBinderBindPrivilegedPorts);
        return AddressRules.FirstError(question, BindEnvironment.Of(snapshot));
    }

    private static AskingSocket AskingSocketFor(BindRequest request, Snapshot snapshot)
    {
        // A link-local scope overwrites the bound device (__inet6_bind).
        var device = request.Scope is { } scope && AddressRules.NeedsScope(request.Address) ? scope : request.Device;
        var index = device is null ? 0 : AddressRules.DeviceIndexOf(device, snapshot.Interfaces);
        return AskingSocket.From(request, snapshot.Settings.BindV6Only ?? false, index, snapshot.KernelRelease);
    }

    /// <summary>The kernel tries a port of the ephemeral range on which no socket of the protocol is at all.</summary>
    public static bool IsPortLeft(Protocol protocol, Snapshot snapshot) => snapshot.Ephemeral is { } use
        && (long)use.Usable - use.Used > (protocol == Protocol.Tcp && snapshot.Settings.IsOnePortSkipped ? 1 : 0);

    // A used port may still be shared with sockets on other addresses, and TCP may not try the one that is free: only a bind() tells.
    private static Decision PortZero(BindRequest request, Snapshot snapshot) => IsPortLeft(request.Protocol, snapshot)
        ? Decision.Allow(RuleBook.EphemeralPortFree)
        : Decision.Unsettled(RuleBook.EphemeralPortsExhausted);
}

/// <summary>What bind() asks of the host beside the sockets: its families, sysctls and addresses.</summary>
internal sealed record BindEnvironment
{
    public required HostSettings Settings { get; init; }
    public ImmutableArray<InterfaceRecord> Interfaces { get; init; } = [];

    /// <summary>What the routes told of single addresses; they tell best, where they were asked.</summary>
    public ImmutableArray<AddressFact> AddressFacts { get; init; } = [];

    /// <summary>The VRF of a socket that is bound to an interface; 0 for none.</summary>
    /// <param name="deviceIndex">The bound interface; 0 for none.</param>
    public uint VrfOf(uint deviceIndex) => new VrfTable(Interfaces, arePortsShared: false).Of(deviceIndex);

    public static BindEnvironment Of(Snapshot snapshot) => new()
    {
        Settings = snapshot.Settings,
        Interfaces = snapshot.Interfaces,
        AddressFacts = snapshot.AddressFacts,
    };
}

/// <param name="IsCertain">False when it hangs on unknown facts.</param>
internal sealed record BlockingSocket(HeldSocket Socket, Rule Rule, bool IsCertain);

/// <summary>Which of several sockets in the way is named first: the one that has to go before the others matter.</summary>
internal static class BlockerOrder
{
    /// <summary>0 first: listeners, bound sockets, connections that a process holds, those of the kernel, TIME_WAIT.</summary>
    public static int RankOf(HeldSocket socket) => (socket.Protocol, socket.State) switch
    {
        (not Protocol.Tcp, _) => 0,
        (_, TcpSocketState.Listen) => 0,
        (_, TcpSocketState.Bound or TcpSocketState.Close) => 1,
        (_, TcpSocketState.TimeWait) => 4,
        _ => socket.Inode != 0 ? 2 : 3,
    };
}

/// <summary>bind() to a UNIX address (unix_bind_bsd, unix_bind_abstract): never probed, since a bind leaves a file.</summary>
internal static class UnixBindRules
{
    public static Decision Decide(BindRequest request, Snapshot snapshot)
    {
        var path = request.Path ?? "";
        if (path.StartsWith('@'))
        {
            var held = snapshot.Sockets.Where(s => s.Path == path && HoldsAbstractName(s, request.UnixType)).ToList();
            return held.Count == 0
                ? Decision.Allow(RuleBook.UnixAbstractName)
                : Decision.InTheWay(Outcome.Blocked, RuleBook.UnixAbstractName,
                    [.. held.Select(s => new BlockingSocket(s, RuleBook.UnixAbstractName, true))]);
        }
        if (snapshot.UnixPath is not { } file)
            return Decision.Unsettled(RuleBook.UnixPathFree);
        if (file.Exists)
            return Decision.InTheWay(Outcome.Blocked, RuleBook.UnixPathExists,
                [.. HoldersOf(file, snapshot).Select(static s => new BlockingSocket(s, RuleBook.UnixPathExists, true))]);
        return file.ParentErrno == 0
            ? Decision.Allow(RuleBook.UnixPathFree)
            : Decision.Block(ErrnoNames.Of(file.ParentErrno), RuleBook.UnixPathUnreachable);
    }

    /// <summary>
    /// Who bound the file that stands there. The file tells, not the name: a server may have bound it by another spelling (a relative path,
    /// before a rename), and a server of that name may be bound to a file that was since replaced.
    /// </summary>
    private static IEnumerable<HeldSocket> HoldersOf(UnixPathRecord file, Snapshot snapshot) => !file.IsSocket ? [] : snapshot.Sockets
        .Where(s => s.HoldsItsName
            && (s.FileInode != 0 ? s.FileInode == unchecked((uint)file.FileInode) : s.Path == file.Path));

    /// <summary>
    /// The kernel looks an abstract name up by its type, so that a stream, a datagram and a seqpacket socket may have the same one
    /// (unix_abstract_hash()).
    /// </summary>
    /// <param name="socket">One that bears the name. Its type is 0 where it is not known: then it counts.</param>
    /// <param name="type">The type of the socket that is to be bound.</param>
    public static bool HoldsAbstractName(HeldSocket socket, byte type) =>
        socket.HoldsItsName && (socket.SocketType == 0 || socket.SocketType == type);
}
