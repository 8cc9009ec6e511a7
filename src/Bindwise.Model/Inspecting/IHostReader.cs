using Bindwise.Model.Diagnosing.Planning;

namespace Bindwise.Model.Inspecting;

/// <summary>
/// What <see cref="HostSearch"/> can ask of a host. Each method asks one thing and puts what it learned into <see cref="Snapshot"/>, or returns
/// it; none decides what is asked next.
/// </summary>
public interface IHostReader
{
    /// <summary>What is known so far.</summary>
    Snapshot Snapshot { get; set; }

    /// <summary>The binds in question; empty until the host's settings are read.</summary>
    RequestPlan Plan { get; set; }

    /// <summary>Reads the sysctls of bind(), and who asks with which rights.</summary>
    /// <param name="withInterfaces">An address or a device is in question: the interfaces too.</param>
    void ReadHost(bool withInterfaces);

    /// <summary>Policies of the process for which it is answered.</summary>
    /// <param name="processId">The process.</param>
    /// <param name="request">A bind that it may try.</param>
    void ReadProgramPolicies(int processId, BindRequest request);

    /// <summary>Listeners of the TCP port, which the kernel finds in microseconds.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    void ReadListeners();

    /// <summary>TCP sockets of every state on the port.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    void ReadAllStates();

    /// <summary>UDP sockets on the port, in the kernel's order.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    void ReadUdp();

    /// <summary>What stands at the UNIX path, and who in this network namespace is bound to it.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    void ReadUnix();

    /// <summary>Whether a socket file that nobody here is bound to is a dead server's, and where the living one is.</summary>
    void ReadUnixServer();

    /// <summary>Who uses the ports of the ephemeral range.</summary>
    /// <exception cref="TableUnreadException">The table cannot be read.</exception>
    void ReadEphemeralUse();

    /// <summary>UDP sockets on a TCP port that is free.</summary>
    void ReadUdpBeside();

    /// <summary>
    /// Adds the TCP sockets of the port that the kernel does not list: before Linux 6.8 those that are bound only, by their holders' descriptors.
    /// </summary>
    void ReadUnlisted();

    /// <summary>Reads the port's sockets once more; null where they could not all be read. The snapshot stays as it is.</summary>
    /// <param name="withBoundOnly">Also sockets that are bound and do not listen.</param>
    IReadOnlyList<HeldSocket>? ReadAgain(bool withBoundOnly);

    /// <summary>Begins the search for owners beside what follows: it is certain by now that somebody stands in the way.</summary>
    void BeginOwners();

    /// <summary>Waits for a search that nobody needs any more.</summary>
    void EndOwners();

    /// <summary>Who holds the sockets on the port, and who opened the connections among them.</summary>
    void ReadOwners();

    /// <summary>Reads the options of the sockets on the port whose holders are known (pidfd_getfd(2), getsockopt(2)).</summary>
    void ReadOptions();

    /// <summary>The lock against other runs of bindwise on this port.</summary>
    /// <param name="port">The port.</param>
    IDisposable? LockPort(ushort port);

    /// <summary>Asks, without taking the port, whether anything but a socket refuses the bind; null where that cannot be asked.</summary>
    /// <param name="request">A bind without options.</param>
    /// <param name="isKnownFree">No socket is in its way.</param>
    ProbeResult? AskPermission(BindRequest request, bool isKnownFree);

    /// <summary>Whether a program on the cgroup runs at bind(): it may refuse after the port is taken, or give another port.</summary>
    /// <param name="family">The family of the address.</param>
    Fact RunsProgramAtBind(IpFamily family);

    /// <summary>Binds, and closes the socket at once; null where the bind cannot be tried.</summary>
    /// <param name="request">The bind.</param>
    ProbeResult? Probe(BindRequest request);

    /// <summary>What policies answer to socket() and bind() before the kernel looks at other sockets; null where that cannot be asked.</summary>
    /// <param name="request">A bind without options.</param>
    /// <param name="isKnownTaken">A socket is in its way.</param>
    ProbeResult? AskPolicy(BindRequest request, bool isKnownTaken);

    /// <summary>What policies answer to listen().</summary>
    /// <param name="request">A bind that succeeds.</param>
    ProbeResult AskListen(BindRequest request);

    /// <summary>The programs on this run's cgroup that are asked at bind().</summary>
    void ReadPrograms();

    /// <summary>What beside the socket table may have refused a bind().</summary>
    /// <param name="request">The bind.</param>
    /// <param name="refused">The call that failed.</param>
    void ReadPolicies(BindRequest request, ProbedCall refused);

    /// <summary>Who holds the port in other network namespaces.</summary>
    void ReadElsewhere();

    /// <summary>Lets a few milliseconds pass.</summary>
    /// <param name="look">The number of the look that did not hold together; later ones wait longer.</param>
    void Pause(int look);

    /// <summary>Keeps a remark about the search, one line.</summary>
    /// <param name="note">The remark.</param>
    void Note(string note);
}
