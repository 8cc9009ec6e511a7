using Bindwise.Model.Addresses;
using Bindwise.Model.Diagnosing.Commands;
using Bindwise.Model.Snapshots;

namespace Bindwise.Model.Diagnosing.Portable;

/// <summary>What to do next, in the terms of the system: the tool of its own that shows more, and its well-known traps.</summary>
internal static class PortableAdvice
{
    private const string Nothing = "nothing";
    private const string None = "none";

    /// <summary>The remedies, the best first.</summary>
    /// <param name="system">The system whose tools are named.</param>
    /// <param name="f">What was found.</param>
    /// <param name="cause">The cause.</param>
    public static IEnumerable<Remedy> Of(HostSystem system, PortableContext f, CauseId cause)
    {
        if (f.Verdict == Verdict.Free)
            return [];
        if (f.Target.Protocol == Protocol.Unix)
            return OfPath(system, f);
        var ofTheSystem = cause.Value switch
        {
            "address-not-local" or "scope-missing" => [Addresses(system, f, cause)],
            "ipv6-disabled" => [Remedy.Of("use-ipv4", "Bind the IPv4 address instead.", null, "where the program listens", "IPv6 clients cannot reach it")],
            "privileged-port" => [PrivilegedPort(system)],
            "ports-exhausted" => [EphemeralRange(system)],
            "denied-by-policy" when system == HostSystem.Windows => WindowsAdvice.OfExcludedPort(f),
            "denied-by-policy" => [],
            "time-wait" => [.. Waiting(system), .. Holding(system, f)],
            _ => Holding(system, f),
        };

        if (f.Verdict == Verdict.Blocked && f.HelpsReuseAddress)
            ofTheSystem = ofTheSystem.Append(Remedy.Of("set-reuse-address", "Set SO_REUSEADDR before bind(), as most servers do; it works right now.", $"setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){{1}}, sizeof(int));", "the server's code", system == HostSystem.Linux ? None : "a bind beside a listener on another address works too"));
        return cause == CauseId.PortsExhausted || cause == CauseId.PrivilegedPort || f.Errno is "EADDRNOTAVAIL" or "EAFNOSUPPORT" or "EINVAL" ? ofTheSystem
            : ofTheSystem.Append(Remedy.Of("other-port", "Take another port.", null, "where clients have to connect", "clients have to be told"));
    }

    /// <summary>The target as it is asked about again.</summary>
    internal static string Asked(PortableContext f) =>
        TargetNaming.EndpointOf(f.Target, f.Plan) + (f.Target.Protocol == Protocol.Udp ? "/udp" : "");

    private static IEnumerable<Remedy> Holding(HostSystem system, PortableContext f) => system switch
    {
        HostSystem.Windows => WindowsAdvice.OfUse(f),
        HostSystem.MacOS => MacAdvice.OfUse(f),
        HostSystem.Linux => OfLinux(f),
        _ => [Remedy.Of("see-owner", "See who holds it.", $"netstat -an | grep '[.:]{f.Port} '", Nothing, "netstat shows no owner; sockstat (FreeBSD), fstat (OpenBSD, NetBSD) and pfiles (illumos) do")],
    };

    /// <summary>How long TIME_WAIT lasts there: Linux's TCP_TIMEWAIT_LEN, macOS's 2 x net.inet.tcp.msl, Windows's TcpTimedWaitDelay.</summary>
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

    private static IEnumerable<Remedy> OfLinux(PortableContext f)
    {
        yield return Remedy.Of("full-answer", "Ask for the full answer; on Linux bindwise names the owner and the rule.", $"bindwise why {TargetNaming.ArgumentOf(f.Target, f.Plan)}", Nothing, None);
    }

    private static IEnumerable<Remedy> OfPath(HostSystem system, PortableContext f)
    {
        if (f.Verdict == Verdict.Undetermined && system == HostSystem.Linux)
            yield return Remedy.Of("full-answer", "Ask for the full answer.", $"bindwise why {TargetNaming.ArgumentOf(f.Target, f.Plan)}", Nothing, None);
        else if (f.Errno == "EADDRINUSE" && f.Snapshot.UnixPath is { Kind: "directory" })
            yield return Remedy.Of("other-path", "Take a path of a file in that folder.", null, "where clients connect", "clients have to be told");
        else if (f.Errno == "EADDRINUSE" && system != HostSystem.Windows)
            yield return Remedy.Of("see-owner", "See whether a process still has the socket; if none does, the file is left over and can be removed.", NameGrammar.Path.Word(f.Target.Path) is { } path ? ShellCommand.Of($"lsof -nP -- {path}") : null, Nothing, None);
        else if (f.Errno == "EADDRINUSE")
            yield return Remedy.Of("see-owner", "See whether the server still runs; if it does not, the file is left over and can be removed.", null, Nothing, None);
        else if (f.Errno is not null)
            yield return Remedy.Of("other-path", "Take a path in an existing folder that you may write to.", null, "where clients connect", "clients have to be told");
    }

    private static Remedy Addresses(HostSystem system, PortableContext f, CauseId cause)
    {
        var command = system switch
        {
            HostSystem.Windows => ShellCommand.Of($"ipconfig"),
            HostSystem.Linux => ShellCommand.Of($"ip -brief address"),
            _ => ShellCommand.Of($"ifconfig -a"),
        };
        return cause == CauseId.ScopeMissing
            ? Remedy.Of("add-scope", $"Add the interface to the address, as in {f.Decisive?.Request.Address}%NAME.", command, "which interface the program listens on", None)
            : Remedy.Of("use-wildcard", "Bind the wildcard, or an address this host has.", command, "where the program listens", "the wildcard is reachable on every interface");
    }

    private static Remedy PrivilegedPort(HostSystem system) => system == HostSystem.MacOS
        ? Remedy.Of("use-wildcard", "Bind 0.0.0.0 or [::] (which macOS leaves open to every user), or take a port from 1024 up.", null, "where the program listens", "the wildcard is reachable on every interface")
        : Remedy.Of("high-port", "Take a port from 1024 up, and put a proxy or a redirect on the low one.", null, "where the program listens", None);

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
