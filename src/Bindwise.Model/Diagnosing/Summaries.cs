using Bindwise.Model.Addresses;
using Bindwise.Model.Rules;
using Bindwise.Model.Snapshots;
using Bindwise.Model.Sockets;

namespace Bindwise.Model.Diagnosing;

/// <summary>The first line: the whole answer in one sentence.</summary>
internal static class Summaries
{
    public static string Of(Findings f) => f.Verdict switch
    {
        Verdict.Free => Free(f),
        Verdict.Undetermined => Undetermined(f),
        _ when f.Decisive.Errno == "EADDRINUSE" => Taken(f),
        _ => Refused(f),
    };

    /// <summary>Who or what holds the main socket, with its verb: <c>node (pid 12) listens on [::]:80</c>.</summary>
    public static string Holding(Findings f)
    {
        if (f.Main is not { } main)
            return "";
        var socket = main.Socket;
        var owner = ProcessNames.Of(main.Owners, Nobody(f, main));
        return f.Cause.Value switch
        {
            _ when socket.Protocol == Protocol.Unix => $"{owner} {Verb(main, "is", "are")} bound to it{Agents.Behalf(f, main)}",
            _ when socket.Protocol == Protocol.Udp => $"{owner} {Verb(main, "has", "share")} a UDP socket on {socket.Local}{Agents.Behalf(f, main)}",
            _ when socket.State == TcpState.Listen => Listening(f, main, owner),
            _ when socket.State is TcpState.Bound or TcpState.Close => $"{owner} {Verb(main, "is", "are")} bound to {socket.Local} without listening",
            _ when socket.Local == socket.Remote && socket.IsWithoutProcess => $"a connection from {socket.Local} to itself in {Wording.State(socket)}, held by no process",
            _ when socket.Local == socket.Remote => $"{owner} {Verb(main, "has", "have")} a connection from {socket.Local} to itself",
            _ => Connections(f, main, owner),
        };
    }

    private static string Free(Findings f)
    {
        if (f.Target.Protocol == Protocol.Unix)
            return $"{f.Name} is free: " + (f.Name.StartsWith('@') ? "no stream socket has that name." : "nothing stands at that path.");
        var options = f.With(reuseAddress: false, reusePort: false) == Outcome.Allowed ? []
            : f.Asked[0].Request.OptionNames.Where(static o => o.StartsWith("SO_REUSE", StringComparison.Ordinal)).ToList();
        var how = options.Count == 0 ? "" : " for a program that sets " + Wording.List(options);
        var verb = f.Target.Protocol == Protocol.Udp ? "can be bound" : "can be bound and listened on";
        if (f.Plan.Port == 0)
            return $"Port 0 works{how}: the system has free ports to choose from" + (f.Asked.Length == 1 ? $" on {f.Asked[0].Request.Address}." : ".");
        return f.Target.Address is null
            ? $"{f.Name} is free{how}: {Wording.List([.. f.Asked.Select(static j => Bracketed(j.Request.Address))])} {verb}."
            : $"{f.Name} is free{how}: it {verb}.";
    }

    private static string Undetermined(Findings f) => f.Main is null
        ? $"{f.Name} may be taken: rules and table do not decide, and no probe settled it."
        : $"{f.Name} may be taken: {Holding(f)}, and {(f.Target.Protocol == Protocol.Udp ? "what options it set is not known" : "only a probe tells whether that is in the way")}.";

    private static string Taken(Findings f)
    {
        if (f.Target.Protocol == Protocol.Unix && f.Main is null)
            return f.Snapshot.UnixPath is { IsSocket: true }
                ? $"{f.Name} is taken (EADDRINUSE): a socket file is left there, and no socket of this network namespace is bound to it."
                : $"{f.Name} is taken (EADDRINUSE): a {f.Snapshot.UnixPath?.Kind} stands there.";
        if (f.Cause == CauseId.PortsExhausted)
            return "Port 0 fails (EADDRINUSE): every port of the ephemeral range is in use.";
        if (f.Snapshot.Coverage.SocketsUnread)
            return $"{f.Name} is taken (EADDRINUSE): by what cannot be told, since the socket table cannot be read here.";
        if (f.Main is null)
            return $"{f.Name} is taken (EADDRINUSE), yet no socket that this kernel shows explains it.";
        var howLong = f.FreeAt is null ? "" : $" for another {f.SecondsLeft} s";
        return $"{f.Name} is taken (EADDRINUSE){howLong}: {Holding(f)}{OtherListener(f)}.";
    }

    private static string Refused(Findings f)
    {
        var request = f.Decisive.Request;
        var reason = f.Cause.Value switch
        {
            "privileged-port" => $"ports below {Wording.Number(f.Snapshot.Settings.UnprivilegedPortStart ?? 1024)} need a privilege that this user lacks"
                + (f.Main is null ? "" : $"; it is taken as well: {Holding(f)}"),
            "denied-by-policy" => "the rules allow it, so something else refuses it, as a policy does (cgroup BPF, SELinux, AppArmor, seccomp)",
            "address-tentative" => IsDuplicate(request.Address, f.Snapshot)
                ? $"{request.Address} failed duplicate address detection: another host has it"
                : $"{request.Address} is still checked for duplicates (tentative)",
            "scope-missing" => $"{request.Address} is {(request.Address.IsMulticast ? "a multicast group of one link" : "link-local")} and needs its interface",
            "ipv6-disabled" => "IPv6 is switched off here",
            "device-mismatch" when f.Decisive.Errno == "ENODEV" => $"there is no interface {request.Device ?? request.Scope}",
            "device-mismatch" => $"{request.Address} is not on interface {request.Device ?? request.Scope}",
            "address-not-local" when f.Decisive.Rule == RuleBook.MulticastOnTcpIPv6 => "TCP cannot be bound to a multicast address",
            "address-not-local" when f.Decisive.Rule == RuleBook.MappedOnV6Only => "an IPv6-only socket cannot take a v4-mapped address",
            "address-not-local" when f.Decisive.Rule == RuleBook.FamilyNotSupported => $"this kernel has no {(request.Address.Family == IpFamily.IPv6 ? "IPv6" : "IPv4")}",
            "address-not-local" => AddressNotLocal(request.Address, f.Snapshot),
            "unix-socket-file" => $"its folder {FolderTrouble(f.Decisive.Errno)}",
            _ => "the kernel refuses it",
        };
        return $"{f.Name} cannot be bound ({f.Decisive.Errno}): {reason}.";
    }

    private static bool IsDuplicate(IpAddress address, Snapshot snapshot) =>
        snapshot.Interfaces.Any(i => i.Addresses.Any(a => a.Address == address && a.IsDuplicate));

    private static string AddressNotLocal(IpAddress address, Snapshot snapshot)
    {
        var link = snapshot.Interfaces.FirstOrDefault(i => i.Addresses.Any(a => a.Address == address || (a.Address.IsLoopback && address.IsLoopback)));
        return link is { IsUp: false }
            ? $"interface {link.Name}, which has {address}, is down"
            : $"no interface of this host has {address}";
    }

    private static string FolderTrouble(string? errno) => errno switch
    {
        "ENOENT" => "does not exist",
        "ENOTDIR" => "is not a folder",
        "EACCES" => "may not be written to by this user",
        "EROFS" => "is on a read-only file system",
        "EINVAL" => "and name are longer than the 107 bytes that a UNIX address holds",
        _ => "cannot be reached",
    };

    private static string Listening(Findings f, Blocker main, string owner)
    {
        var listeners = f.Blockers.Count(b => b.Socket.State == TcpState.Listen && b.Socket.Local == main.Socket.Local);
        if (main.Owners.IsEmpty && !main.Socket.IsWithoutProcess && f.Snapshot.Coverage is { OwnersRead: true, UnreadableProcesses: 0, ProcessesHidden: false })
            return $"a socket that no process shows listens on {main.Socket.Local}";
        var what = listeners > 1 ? $"{Wording.Number(listeners)} sockets share {main.Socket.Local} and listen ({owner})" : $"{owner} {Verb(main, "listens", "listen")} on {main.Socket.Local}";
        return what + f.Cause.Value switch
        {
            "stopped-process" => ", stopped",
            "zombie-process" => ", a zombie with a living thread",
            "inherited-descriptor" => $", by a descriptor that {Verb(main, "it", "they")} inherited",
            "socket-activation" or "published-container-port" => Agents.Behalf(f, main),
            "dual-stack-listener" => ", dual-stack",
            _ => "",
        };
    }

    private static string Connections(Findings f, Blocker main, string owner)
    {
        var alike = f.CountOf(main.Socket.State);
        var state = Wording.State(main.Socket);
        if (f.Cause == CauseId.OutgoingConnection)
            return $"{owner} {Verb(main, "uses", "use")} it as the source port of {(alike == 1 ? "a connection" : Wording.Count(alike, "connection", "connections"))} to {main.Socket.Remote}";
        var ends = alike == 1 ? $"a connection to {main.Socket.Remote} in {state}" : $"{Wording.Number(alike)} connections in {state}";
        return main.Socket.IsWithoutProcess
            ? $"{ends}, held by no process"
            : $"{owner} {Verb(main, "has", "have")} {ends}";
    }

    /// <summary>A listener of somebody else on another address that is in the way as well: ending the first would not be enough.</summary>
    private static string OtherListener(Findings f)
    {
        if (f.Main is not { Socket.State: TcpState.Listen } main || main.Socket.Protocol != Protocol.Tcp || main.Owners.IsEmpty)
            return "";
        var others = f.Blockers.Where(b => IsOtherListener(b, main)).DistinctBy(static b => b.Owners[0].Process.Id).ToList();
        return others.Count switch
        {
            0 => "",
            1 => $", and {ProcessNames.Of(others[0].Owners, "")} on {others[0].Socket.Local}",
            var n => $", and {Wording.Number(n)} other programs on it too",
        };
    }

    private static bool IsOtherListener(Blocker blocker, Blocker main) => blocker.Socket.State == TcpState.Listen
        && blocker.Owners is [{ Process: var process }, ..] && main.Owners.All(o => o.Process.Id != process.Id);

    private static string Verb(Blocker main, string one, string many) => main.Owners.Length > 1 ? many : one;

    private static string Nobody(Findings f, Blocker main) => main.Socket.IsWithoutProcess ? "no process"
        : f.Snapshot.Coverage is { UnreadableProcesses: > 0 } or { ProcessesHidden: true } ? "a process that this user may not see"
        : f.Snapshot.Coverage.OwnersRead ? "no visible process" : "a process";

    private static string Bracketed(IpAddress address) => address.Family == IpFamily.IPv6 ? $"[{address}]" : address.ToString();
}
