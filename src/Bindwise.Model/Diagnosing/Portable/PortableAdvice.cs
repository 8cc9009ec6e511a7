using Bindwise.Model.Diagnosing.Commands;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>What to do next, in the terms of the system: the tool of its own that shows more, and its well-known traps.</summary>
internal static class PortableAdvice
{
    private const string Nothing = "nothing";
    private const string None = "none";

    public static IEnumerable<Remedy> Of(HostSystem system, PortableContext context, Cause cause)
    {
        if (context.Verdict == Verdict.Free)
            return [];
        if (context.Target.Protocol == Protocol.Unix)
            return OfPath(system, context);
        var ofTheSystem = cause switch
        {
            Cause.AddressNotLocal or Cause.ScopeMissing => [Addresses(system, context, cause)],
            Cause.IPv6Disabled => [BindElsewhere.IPv4Instead(null)],
            Cause.PrivilegedPort => [PrivilegedPort(system)],
            Cause.PortsExhausted => [EphemeralRange(system)],
            Cause.DeniedByPolicy when system == HostSystem.Windows => WindowsAdvice.OfExcludedPort(context.Port, context.Target.Protocol,
                context.Decisive?.Request.Address),
            Cause.DeniedByPolicy => [],
            Cause.TimeWait => [.. Waiting(system), .. Holding(system, context)],
            _ => Holding(system, context),
        };

        if (context.Verdict == Verdict.Blocked && context.HelpsReuseAddress)
            ofTheSystem = ofTheSystem.Append(Remedy.Of("set-reuse-address",
                "Set SO_REUSEADDR before bind(), as most servers do; it works right now.",
                $"setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){{1}}, sizeof(int));", "the server's code",
                system == HostSystem.Linux ? None : "a bind beside a listener on another address works too"));
        return cause == Cause.PortsExhausted || cause == Cause.PrivilegedPort
            || context.Errno is "EADDRNOTAVAIL" or "EAFNOSUPPORT" or "EINVAL"
            ? ofTheSystem
            : ofTheSystem.Append(BindElsewhere.OtherPort(context.Plan.Port ?? 0, context.Target.Protocol, null,
                leavesAddresses: false));
    }

    private static IEnumerable<Remedy> Holding(HostSystem system, PortableContext context) => system switch
    {
        HostSystem.Windows => WindowsAdvice.OfUse(context.Port, context.Target.Protocol),
        HostSystem.MacOS => MacAdvice.OfUse(context.Port, context.Target.Protocol, context.SeesListener),
        HostSystem.Linux => OfLinux(context),
        _ => [Remedy.Of("see-owner", "See who holds it.", $"netstat -an | grep '[.:]{context.Port} '", Nothing,
            "netstat shows no owner; sockstat (FreeBSD), fstat (OpenBSD, NetBSD) and pfiles (illumos) do")],
    };

    /// <summary>
    /// How long TIME_WAIT lasts there: Linux's TCP_TIMEWAIT_LEN, macOS's 2 x net.inet.tcp.msl, Windows's TcpTimedWaitDelay.
    /// </summary>
    private static IEnumerable<Remedy> Waiting(HostSystem system)
    {
        var howLong = system switch
        {
            HostSystem.Linux => "about a minute",
            HostSystem.MacOS => "about 30 s",
            HostSystem.Windows => "30 s to 4 minutes, depending on the settings",
            _ => "a minute or so",
        };
        yield return Remedy.Of("wait", $"Wait: TIME_WAIT lasts {howLong} here.", null, Nothing, None);
    }

    private static IEnumerable<Remedy> OfLinux(PortableContext context)
    {
        yield return Remedy.Of("full-answer", "Ask for the full answer; on Linux bindwise names the owner and the rule.",
            $"bindwise why {context.Question}", Nothing, None);
    }

    private static IEnumerable<Remedy> OfPath(HostSystem system, PortableContext context)
    {
        if (context.Verdict == Verdict.Undetermined && system == HostSystem.Linux)
            yield return Remedy.Of("full-answer", "Ask for the full answer.",
                $"bindwise why {context.Question}",
                Nothing, None);
        else if (context.Errno == "EADDRINUSE" && context.Snapshot.UnixPath is { Kind: "directory" })
            yield return BindElsewhere.OtherPath("Take a path of a file in that folder.");
        else if (context.Errno == "EADDRINUSE" && system != HostSystem.Windows)
            yield return Remedy.Of("see-owner",
                "See whether a process still has the socket; if none does, the file is left over and can be removed.",
                NameGrammar.Path.Word(context.Target.Path) is { } path ? ShellCommand.Of($"lsof -nP -- {path}") : null, Nothing, None);
        else if (context.Errno == "EADDRINUSE")
            yield return Remedy.Of("see-owner",
                "See whether the server still runs; if it does not, the file is left over and can be removed.", null, Nothing, None);
        else if (context.Errno is not null)
            yield return BindElsewhere.OtherPath("Take a path in an existing folder that you may write to.");
    }

    private static Remedy Addresses(HostSystem system, PortableContext context, Cause cause)
    {
        var command = system switch
        {
            HostSystem.Windows => ShellCommand.Of($"ipconfig"),
            HostSystem.Linux => ShellCommand.Of($"ip -brief address"),
            _ => ShellCommand.Of($"ifconfig -a"),
        };
        return cause == Cause.ScopeMissing
            ? BindElsewhere.WithScope($"Add the interface to the address, as in {context.Decisive?.Request.Address}%NAME.", command)
            : BindElsewhere.Wildcard(command);
    }

    private static Remedy PrivilegedPort(HostSystem system) => system == HostSystem.MacOS
        ? BindElsewhere.Wildcard("Bind 0.0.0.0 or [::] (which macOS leaves open to every user), or take a port from 1024 up.", null)
        : Remedy.Of("high-port", "Take a port from 1024 up, and put a proxy or a redirect on the low one.", null,
            "where the program listens", None);

    private static Remedy EphemeralRange(HostSystem system) => Remedy.Of(
        "see-range",
        "See how large the range is, and what uses it up.",
        system switch
        {
            HostSystem.Windows => ShellCommand.Of($"netsh int ipv4 show dynamicport tcp"),
            HostSystem.MacOS => ShellCommand.Of($"sysctl net.inet.ip.portrange.first net.inet.ip.portrange.last"),
            HostSystem.Linux => ShellCommand.Of($"sysctl net.ipv4.ip_local_port_range"),
            _ => null,
        },
        Nothing,
        None);
}

/// <summary>macOS: lsof, and the service of its own that surprises developers.</summary>
internal static class MacAdvice
{
    /// <summary>AirPlay Receiver's ports, since macOS 12: Flask's and Docker registry's 5000, and 7000.</summary>
    private static readonly ushort[] AirPlayPorts = [5000, 7000];

    public static IEnumerable<Remedy> OfUse(ushort port, Protocol protocol, bool seesListener)
    {
        if (protocol == Protocol.Tcp && AirPlayPorts.Contains(port))
        {
            yield return Remedy.Of(
                "airplay-receiver",
                $"Port {port} is AirPlay Receiver's since macOS 12: if lsof names ControlCe (ControlCenter), switch it off in System "
                    + "Settings > General > AirDrop & Handoff > AirPlay Receiver.",
                null,
                "this Mac is no longer an AirPlay target",
                "stopping ControlCenter does not help; the system starts it again");
        }
        var command = protocol == Protocol.Udp ? ShellCommand.Of($"lsof -nP -iUDP:{port}")
            : seesListener ? ShellCommand.Of($"lsof -nP -iTCP:{port} -sTCP:LISTEN")
            : ShellCommand.Of($"lsof -nP -iTCP:{port}");
        yield return Remedy.Of("see-owner", "See who holds it (with sudo, also the processes of other users).", command, "nothing", "none");
    }
}

/// <summary>Windows: netstat and PowerShell, http.sys, and the ranges that WinNAT keeps.</summary>
internal static class WindowsAdvice
{
    public static IEnumerable<Remedy> OfUse(ushort port, Protocol protocol)
    {
        yield return Remedy.Of("see-owner", "See which process holds it; its id is in the last column.", $"netstat -ano | findstr :{port}",
            "nothing", "none");
        yield return Remedy.Of(
            "see-process",
            "The same in PowerShell, with the process's name.",
            protocol == Protocol.Udp
                ? ShellCommand.Of($"Get-NetUDPEndpoint -LocalPort {port} | ForEach-Object {{ Get-Process -Id $_.OwningProcess }}")
                : ShellCommand.Of($"Get-NetTCPConnection -LocalPort {port} | ForEach-Object {{ Get-Process -Id $_.OwningProcess }}"),
            "nothing",
            "none");
        if (protocol == Protocol.Tcp)
            yield return Remedy.Of("see-http-sys",
                "If the process is 4 (System), http.sys listens for a service (IIS, WinRM, SQL Server Reporting); this names it.",
                $"netsh http show servicestate", "nothing", "none");
    }

    /// <param name="address">Where it was to be bound; null for every address.</param>
    public static IEnumerable<Remedy> OfExcludedPort(ushort port, Protocol protocol, IpAddress? address)
    {
        var ofProtocol = protocol == Protocol.Udp ? ShellCommand.Of($"udp") : ShellCommand.Of($"tcp");
        // A dual-stack [::] is refused by either; the ranges that surprise people are those of ipv4.
        var family = address is { Family: IpFamily.IPv6, IsAny: false } ? ShellCommand.Of($"ipv6")
            : ShellCommand.Of($"ipv4");
        yield return Remedy.Of(
            "see-excluded-ranges",
            $"See whether {port} is in an excluded range; ipv4 and ipv6 have their own.",
            $"netsh int {family} show excludedportrange protocol={ofProtocol}",
            "nothing",
            "none");
        yield return Remedy.Of(
            "restart-winnat",
            "If it is, stop WinNAT (as administrator), start the server, then start WinNAT again; it takes other ranges.",
            $"net stop winnat",
            "the ranges that Hyper-V, WSL and Docker hold are given back",
            "their virtual networks are down until: net start winnat");
        yield return Remedy.Of(
            "reserve-port",
            "To keep it for good, reserve the port yourself while WinNAT is stopped.",
            $"netsh int {family} add excludedportrange protocol={ofProtocol} startport={port} numberofports=1",
            "Windows no longer gives the port out by itself; a server that asks for it by number gets it",
            "undo it with delete instead of add");
        yield return Remedy.Of("see-owner", "If it is not, see who holds the port exclusively.", $"netstat -ano | findstr :{port}",
            "nothing", "none");
    }
}
