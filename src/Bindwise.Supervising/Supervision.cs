using Bindwise.Linux.Proc;

namespace Bindwise.Supervising;

/// <summary>The supervision cannot begin: a fault of the plan, as a file that cannot be written. The program was not started.</summary>
internal sealed class SupervisionException(string message) : Exception(message);

/// <summary>Puts this process, which is to become a program, under supervision.</summary>
internal static class SupervisionStart
{
    private const int StandardOutput = 1;

    /// <summary>
    /// Starts the supervisor, and lets it see from here on what the calling thread, and whatever that becomes and starts, does with
    /// sockets. The thread has to be the one that executes the program.
    /// </summary>
    /// <param name="plan">What becomes of its calls.</param>
    /// <param name="canMove">Whether the plan's ports and addresses are moved, where it has some.</param>
    /// <param name="leases">Descriptors that the supervisor holds as long as it lives; at most 32.</param>
    /// <returns>What people should know before the program starts, a sentence each: what is not supervised and why.</returns>
    /// <exception cref="SupervisionException">The plan cannot be followed.</exception>
    public static IReadOnlyList<string> Begin(SupervisionPlan plan, out bool canMove,
        params IReadOnlyList<System.Runtime.InteropServices.SafeHandle> leases)
    {
        canMove = false;
        var errno = Start(plan, out var channel);
        using (channel)
        {
            if (errno != Errno.None)
                return [Unsupervised($"the supervisor cannot be started ({StartObstacle.Of(errno)})")];
            switch (ChannelText.Receive(channel, out _))
            {
                case [ChannelText.Fault, .. var fault]:
                    throw new SupervisionException(fault);
                case [ChannelText.Ready, .. var id] when int.TryParse(id, CultureInfo.InvariantCulture, out var supervisor):
                    SeccompCall.AllowTracer(supervisor);
                    break;
                default:
                    return [Unsupervised("the supervisor ended while it started")];
            }
            _ = ChannelText.Send(channel,
                string.Create(CultureInfo.InvariantCulture, $"{ChannelText.Question}{Environment.ProcessId} {channel.Number}"));
            return ChannelText.Receive(channel, out _) switch
            {
                [ChannelText.Ready] => Install(channel, plan, leases, out canMove),
                [ChannelText.Fault, .. var whyNot] => [Unsupervised(whyNot)],
                _ => [Unsupervised("the supervisor ended while it started")],
            };
        }
    }

    private static List<string> Install(SafeFileDescriptor channel, SupervisionPlan plan,
        IReadOnlyList<System.Runtime.InteropServices.SafeHandle> leases, out bool canMove)
    {
        canMove = false;
        var notes = new List<string>();
        var hadNoNewPrivileges = SeccompCall.HasNoNewPrivileges();
        var errno = SeccompCall.Install(CallFilter.OfRun(plan.ReuseAddress, plan.HasMoves), out var listener, out var isKillableOnly);
        using (listener)
        {
            if (errno != Errno.None)
            {
                notes.Add(Unsupervised(SupervisionLimits.OfFilter(errno.ToString())));
                return notes;
            }
            int[] passed = [listener.Number, .. leases.Select(static one => (int)one.DangerousGetHandle())];
            var isWatched =
                ChannelText.Send(channel, ChannelText.Of(isKillableOnly ? FilterFacts.WaitsKillably : FilterFacts.None), passed);
            if (!isWatched || ChannelText.Receive(channel, out _) is not [ChannelText.Ready])
                throw new SupervisionException(
                    "the supervisor ended while it started, and this process has its filter already: the program was not started");
        }
        if (plan.ReportsLostRights && !hadNoNewPrivileges && SeccompCall.HasNoNewPrivileges())
            notes.Add(SupervisionLimits.Rights);
        if (ProcMountReader.Fault is { } fault)
            notes.Add($"{fault}: SO_REUSEADDR is set, but failures are not explained, held or moved");
        canMove = isKillableOnly && ProcMountReader.Fault is null;
        if (!isKillableOnly)
            notes.Add("this kernel is older than Linux 5.19: SO_REUSEADDR is set, but failures are not explained, held or moved");
        return notes;
    }

    private static Errno Start(SupervisionPlan plan, out SafeFileDescriptor channel)
    {
        var errno = SocketPairCall.Open(out channel, out var theirs);
        using (theirs)
        {
            if (errno != Errno.None)
                return errno;
            using var output = SafeFileDescriptor.Borrow(StandardOutput);
            using var errors = SafeFileDescriptor.Borrow(SupervisorProcess.Errors);
            // The program, which this process becomes, for whoever looks at the command line.
            string[] words = [Environment.ProcessId.ToString(CultureInfo.InvariantCulture), .. plan.ToWords()];
            return new BackgroundProcess(SupervisorProcess.Verb, SupervisorProcess.Option, words)
            {
                Descriptors = plan.Events == "-" ? [theirs, errors, output] : [theirs, errors],
                IsOrphan = true,
            }.Start();
        }
    }

    private static string Unsupervised(string why) => $"{why}: this run adds nothing to the program";
}

/// <summary>What a supervisor cannot do, each as half a sentence for people.</summary>
internal static class SupervisionLimits
{
    /// <summary>no_new_privs had to be set (prctl(2)).</summary>
    internal static string Rights =>
        $"without {(Environment.IsPrivilegedProcess ? "CAP_SYS_ADMIN" : "root")}, no program under this one gains rights from its file, by "
            + "setuid or capabilities (no_new_privs)";

    /// <summary>No filter could be installed.</summary>
    /// <param name="errno">What seccomp(2) said, by its name.</param>
    internal static string OfFilter(string errno) => errno == nameof(Errno.EBUSY)
        ? "another supervisor, such as another bindwise run, already watches this process, and keeps doing so (EBUSY, seccomp)"
        : $"this system does not allow seccomp's user notification ({errno}), as in some containers, and in units with SystemCallFilter=";

    /// <summary>The program's sockets cannot be copied, or its memory not be read.</summary>
    /// <param name="call">The system call that failed; those but pidfd_open(2) look at the rights of ptrace(2).</param>
    internal static string OfTracing(string call, Errno errno) =>
        $"another process may not copy its sockets and addresses here ({errno}, {call}"
            + (errno == Errno.EPERM && call != "pidfd_open"
                ? ": kernel.yama.ptrace_scope, a container without CAP_SYS_PTRACE, or SystemCallFilter= of its unit)" : ")");
}

/// <summary>The program that this process becomes under supervision.</summary>
internal static class SupervisedCommand
{
    /// <summary>
    /// Becomes it on the calling thread, which has the filter (<see cref="SupervisionStart"/>); returns only where that does not work.
    /// </summary>
    /// <param name="command">The program, a path or a name to look for in PATH, and its arguments:
    /// bytes, since they need not be UTF-8.</param>
    /// <returns>Why it does not work, half a sentence.</returns>
    public static string Become(IReadOnlyList<byte[]> command, IEnumerable<KeyValuePair<string, string>> variables, out int exitCode) =>
        ProcessReplacement.Become(command, [.. variables.Select(static one => new KeyValuePair<string, string?>(one.Key, one.Value))], [],
            out exitCode);
}

/// <summary>A port that the program binds, and the one that it gets in its place.</summary>
internal readonly record struct PortMove(ushort Old, ushort New);

/// <summary>An address that the program binds, and the one of the same family that it gets in its place.</summary>
internal readonly record struct AddressMove(IpAddress Old, IpAddress New);

/// <summary>
/// What the supervisor does about a program's sockets. By default it sets SO_REUSEADDR before
/// each TCP bind(), and explains those that fail.
/// </summary>
internal sealed record SupervisionPlan
{
    private const string Watch = "watch";
    private const string WaitWord = "wait";
    private const string ReportWord = "report";
    private const string EventsWord = "events";
    private const string ColumnsWord = "columns";
    private const string PortWord = "port";
    private const string AddressWord = "address";

    /// <summary>Sets SO_REUSEADDR before each bind() of a TCP port, and keeps it set; false: changes nothing.</summary>
    public bool ReuseAddress { get; init; } = true;

    /// <summary>
    /// How long a bind() that fails with EADDRINUSE is held until it succeeds; zero: not at all;
    /// <see cref="Timeout.InfiniteTimeSpan"/>: without end.
    /// </summary>
    public TimeSpan Wait { get; init; }

    /// <summary>The file to which each failure's diagnosis is appended, a line of JSON each; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>The file to which what happens is appended, a line of JSON each; <c>-</c>: standard output; null for none.</summary>
    public string? Events { get; init; }

    public ImmutableArray<PortMove> Ports { get; init; } = [];
    public ImmutableArray<AddressMove> Addresses { get; init; } = [];

    /// <summary>Says at the start that programs gain no rights under this one, where that is so.</summary>
    public bool ReportsLostRights { get; init; }

    /// <summary>How wide the program's terminal is; null for none.</summary>
    public int? Columns { get; init; }

    /// <summary>The plan as words of a command line, for the supervisor's process.</summary>
    internal IReadOnlyList<string> ToWords() =>
    [
        .. ReuseAddress ? Array.Empty<string>() : [Watch],
        .. Wait == TimeSpan.Zero ? Array.Empty<string>()
            : [WaitWord, (Wait == Timeout.InfiniteTimeSpan ? -1 : Wait.Ticks).ToString(CultureInfo.InvariantCulture)],
        .. Report is { } report ? [ReportWord, report] : Array.Empty<string>(),
        .. Events is { } events ? [EventsWord, events] : Array.Empty<string>(),
        .. Columns is { } columns ? [ColumnsWord, columns.ToString(CultureInfo.InvariantCulture)] : Array.Empty<string>(),
        .. Ports.SelectMany(static move => new[] { PortWord, Number(move.Old), Number(move.New) }),
        .. Addresses.SelectMany(static move => new[] { AddressWord, move.Old.ToString(), move.New.ToString() }),
    ];

    /// <summary>The plan that <see cref="ToWords"/> wrote; null for other words.</summary>
    internal static SupervisionPlan? FromWords(string[] words)
    {
        var plan = new SupervisionPlan();
        while (words.Length > 0)
        {
            switch (words)
            {
                case [Watch, ..]:
                    (plan, words) = (plan with { ReuseAddress = false }, words[1..]);
                    break;
                case [WaitWord, var text, ..]
                    when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var ticks) && ticks >= -1:
                    (plan, words) = (plan with { Wait = ticks < 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromTicks(ticks) }, words[2..]);
                    break;
                case [ReportWord, var path, ..]:
                    (plan, words) = (plan with { Report = path }, words[2..]);
                    break;
                case [EventsWord, var path, ..]:
                    (plan, words) = (plan with { Events = path }, words[2..]);
                    break;
                case [ColumnsWord, var text, ..] when int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var columns):
                    (plan, words) = (plan with { Columns = columns }, words[2..]);
                    break;
                case [PortWord, var from, var to, ..] when TryPort(from, out var old) && TryPort(to, out var next):
                    (plan, words) = (plan with { Ports = plan.Ports.Add(new PortMove(old, next)) }, words[3..]);
                    break;
                case [AddressWord, var from, var to, ..] when IpAddress.TryParse(from, out var old) && IpAddress.TryParse(to, out var next):
                    (plan, words) = (plan with { Addresses = plan.Addresses.Add(new AddressMove(old, next)) }, words[3..]);
                    break;
                default:
                    return null;
            }
        }
        return plan;
    }

    /// <summary>An option promises another address than the program asks for.</summary>
    internal bool HasMoves => !Ports.IsEmpty || !Addresses.IsEmpty;

    /// <summary>Where a bind() goes: to the endpoint that it asks for, or to the one that takes its place.</summary>
    /// <param name="takesIPv4">The socket is of IPv6 and takes IPv4 as well: its [::] opens 0.0.0.0, and moves with that.</param>
    internal IpEndpoint Moved(IpEndpoint asked, bool takesIPv4, Protocol protocol = Protocol.Tcp)
    {
        // A client binds so before it sends, as the kernel does without a bind(): from a loopback address it would reach no other host.
        if (protocol == Protocol.Udp && asked.Port == 0)
            return asked;
        var port = Ports.LastOrDefault(move => move.Old == asked.Port, new PortMove(asked.Port, asked.Port)).New;
        var inIPv4 = takesIPv4 && asked.Address == IpAddress.AnyIPv6 ? IpAddress.AnyIPv4 : asked.Address.AsIPv4;
        // The address as it is named comes first.
        return new IpEndpoint(NewOf(asked.Address) ?? NewOf(inIPv4)?.AsIPv6 ?? asked.Address, port);
    }

    /// <summary>Nothing of the program may be there: it is moved away, and nothing is moved to it.</summary>
    internal bool Closes(IpEndpoint local, bool takesIPv4) =>
        Moved(local, takesIPv4) != local && !Ports.Any(move => move.New == local.Port)
            && !Addresses.Any(move => move.New == local.Address || move.New == local.Address.AsIPv4);

    private IpAddress? NewOf(IpAddress? old) =>
        Addresses.Where(move => move.Old == old).Select(static move => (IpAddress?)move.New).FirstOrDefault();

    private static bool TryPort(string text, out ushort port) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port);

    private static string Number(ushort port) => port.ToString(CultureInfo.InvariantCulture);
}
