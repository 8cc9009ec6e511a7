using Bindwise.Model.Diagnosing.Planning;
using Bindwise.Model.Rules;

namespace Bindwise.Model.Inspecting;

/// <summary>What came of a bind() or of a question about one.</summary>
/// <param name="Result">The kernel's answer; null where it could not be asked.</param>
/// <param name="Obstacle">Why the program in question could not be stood in for; null where it
/// could, or where the caller itself asks.</param>
internal readonly record struct ProbeAnswer(ProbeResult? Result, string? Obstacle = null);

/// <summary>
/// What <see cref="HostSearch"/> can ask of a host. Each method asks one thing and returns what is known with its answer; none keeps it,
/// and none decides what is asked next.
/// </summary>
internal interface IHostReader
{
    /// <summary>Reads the sysctls of bind(), and who asks with which rights.</summary>
    /// <param name="known">What is known: the names that were looked up.</param>
    /// <param name="withInterfaces">An address or a device is in question: the interfaces too.</param>
    Snapshot ReadHost(Snapshot known, bool withInterfaces);

    Snapshot ReadProgramPolicies(Snapshot known, int processId, BindRequest request);

    /// <summary>Listeners of the TCP port, which the kernel finds in microseconds.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    Snapshot ReadListeners(Snapshot known, RequestPlan plan);

    /// <summary>TCP sockets of every state on the port.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    Snapshot ReadAllStates(Snapshot known, RequestPlan plan);

    /// <summary>UDP sockets on the port, in the kernel's order.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    Snapshot ReadUdp(Snapshot known, RequestPlan plan);

    /// <summary>What stands at the UNIX path, and who in this network namespace is bound to it.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    Snapshot ReadUnix(Snapshot known);

    /// <summary>Whether a socket file that nobody here is bound to is a dead server's, and where the living one is.</summary>
    Snapshot ReadUnixServer(Snapshot known, RequestPlan plan);

    /// <summary>Who uses the ports of the ephemeral range.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    Snapshot ReadEphemeralUse(Snapshot known, RequestPlan plan);

    /// <summary>UDP sockets on a TCP port that is free.</summary>
    Snapshot ReadUdpBeside(Snapshot known, RequestPlan plan);

    /// <summary>
    /// Adds the TCP sockets of the port that the kernel does not list: before Linux 6.8 those that are bound only, by their holders'
    /// descriptors.
    /// </summary>
    Snapshot ReadUnlisted(Snapshot known, RequestPlan plan);

    /// <summary>Reads the port's sockets once more; null where they could not all be read.</summary>
    /// <param name="withBoundOnly">Also sockets that are bound and do not listen.</param>
    IReadOnlyList<HeldSocket>? ReadAgain(RequestPlan plan, bool withBoundOnly);

    /// <summary>Begins the search for owners beside what follows: it is certain by now that somebody stands in the way.</summary>
    /// <param name="known">What is known: the sockets.</param>
    /// <param name="areAll">No other sockets are going to be asked for: then the search may be for these alone.</param>
    void BeginOwners(Snapshot known, bool areAll);

    /// <summary>Waits for a search that nobody needs any more.</summary>
    void EndOwners();

    /// <summary>Who holds the sockets on the port, and who opened the connections among them.</summary>
    Snapshot ReadOwners(Snapshot known, RequestPlan plan);

    /// <summary>Reads the options of the sockets on the port whose holders are known (pidfd_getfd(2), getsockopt(2)).</summary>
    Snapshot ReadOptions(Snapshot known, RequestPlan plan);

    /// <summary>The lock against other runs of bindwise on this port.</summary>
    IDisposable? LockPort(ushort port);

    /// <summary>Asks, without taking the port, whether anything but a socket refuses the bind.</summary>
    /// <param name="isKnownFree">No socket is in its way.</param>
    ProbeAnswer AskPermission(Snapshot known, BindRequest request, bool isKnownFree);

    /// <summary>Whether a program on the cgroup runs at bind(): it may refuse after the port is taken, or give another port.</summary>
    Fact RunsProgramAtBind(IpFamily family);

    /// <summary>Binds, and closes the socket at once.</summary>
    ProbeAnswer Probe(Snapshot known, BindRequest request);

    /// <summary>
    /// What policies answer to socket() and bind() before the kernel looks at other sockets; null where that cannot be asked.
    /// </summary>
    ProbeResult? AskPolicy(Snapshot known, BindRequest request, bool isKnownTaken);

    ProbeResult AskListen(BindRequest request);

    /// <summary>The programs on this run's cgroup that are asked at bind().</summary>
    Snapshot ReadPrograms(Snapshot known, RequestPlan plan);

    /// <summary>What beside the socket table may have refused a bind().</summary>
    Snapshot ReadPolicies(Snapshot known, BindRequest request, ProbedCall refused);

    /// <summary>Begins the search for other network namespaces beside what follows: so far nothing stands in the way here.</summary>
    void BeginElsewhere();

    /// <summary>Who holds the port in other network namespaces.</summary>
    Snapshot ReadElsewhere(Snapshot known, RequestPlan plan);

    /// <summary>Which other network namespaces have an address that this one lacks.</summary>
    Snapshot ReadNetworksWith(Snapshot known, IpAddress address);

    /// <summary>Lets a few milliseconds pass.</summary>
    /// <param name="attempt">The number of the look that did not hold together; later ones wait longer.</param>
    void Pause(int attempt);

    /// <summary>Keeps a remark about the search, one line.</summary>
    void Note(string note);
}

/// <summary>Finds a port to take instead of the one that was asked about, by bind().</summary>
internal static class OtherPortSearch
{
    /// <summary>Tries the ports beside it until one can be bound that no socket of either family has; it is closed at once.</summary>
    /// <returns>The port, null when none of them can be bound; and why no bind can be tried in the place of the
    /// program in question, null where one can.</returns>
    public static (ushort? Port, string? Obstacle) Find(IHostReader host, Snapshot known, RequestPlan plan)
    {
        // Where a program's own bind cannot be tried, neither can this.
        if (known.Caller.As?.ProbeObstacle is not null)
            return default;
        foreach (var port in NearbyPorts.Of(plan.Port!.Value, known.Settings, known.Caller.MayBinderBindPrivilegedPorts == Fact.Yes))
        {
            var answer = Bind(host, known, plan.Asked[0], port);
            if (answer.Result is { Errno: 0, Landed: null })
                return (port, null);
            if (answer.Obstacle is not null)
                return (null, answer.Obstacle);
        }
        return default;
    }

    private static ProbeAnswer Bind(IHostReader host, Snapshot known, BindRequest asked, ushort port)
    {
        var dualStack =
            new BindRequest { Protocol = asked.Protocol, Address = IpAddress.AnyIPv6, Port = port, V6Only = false, UserId = asked.UserId };
        using (host.LockPort(port))
        {
            var answer = host.Probe(known, dualStack);
            // A host without IPv6.
            return answer.Result is { } result && ErrnoNames.Of(result.Errno) is "EAFNOSUPPORT" or "EADDRNOTAVAIL"
                ? host.Probe(known, dualStack with { Address = IpAddress.AnyIPv4, V6Only = null })
                : answer;
        }
    }
}
