using Bindwise.Linux.Deadlines;
using Bindwise.Linux.Proc;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Holding;

/// <summary>
/// What a start of a program has of the system: a child of this process, and the channel to it. Where it stands is in its <see
/// cref="Restarting.StartState"/>.
/// </summary>
/// <param name="channel">The channel to it, which ends when it executes the program.</param>
/// <param name="beganAt">Not after it began, in clock ticks since the system's start.</param>
internal sealed class ProgramStart(int id, int process, SafeFileDescriptor channel, ulong beganAt) : IDisposable
{
    internal int Id => id;
    internal bool IsFirst => id == 0;
    internal int ProcessId => process;

    /// <summary>Null once the program is executed, or was not.</summary>
    internal SafeFileDescriptor? Channel { get; private set; } = channel;

    internal ulong BeganAt => beganAt;

    /// <summary>It has told of its filter, so that what it tells next is about the program.</summary>
    internal bool IsPrepared { get; set; }

    /// <summary>What it left behind, as far as that was looked for.</summary>
    internal IReadOnlyList<int> Rest { get; set; } = [];

    /// <summary>Those of it that got their SIGTERM.</summary>
    internal HashSet<int> AskedToEnd { get; } = [];

    internal void CloseChannel()
    {
        Channel?.Dispose();
        Channel = null;
    }

    public void Dispose() => CloseChannel();
}

/// <summary>Calls that are handed over beyond those that every filter of <c>run --hold</c> hands over.</summary>
[Flags]
internal enum HandedCalls : byte
{
    None = 0,
    ReuseAddress = 1,

    /// <summary>connect() with an address of 16 bytes: AF_UNSPEC of .NET, and every IPv4 address.</summary>
    ShortConnect = 2,

    /// <summary>io_uring_setup(), which is refused: a bind() by a ring could not be moved.</summary>
    Rings = 4,

    /// <summary>connect() with an address of 28 bytes: every IPv6 address.</summary>
    IPv6Connect = 8,

    /// <summary>connect() with an address of any other length: most of UNIX.</summary>
    UnixConnect = 16,
}

/// <summary>What a start is told on its command line; the program's environment and arguments follow as they are.</summary>
/// <param name="Channel">The number of its end of the channel.</param>
/// <param name="SignalMask">The signals that are blocked for the program (<see cref="Linux.Native.SignalSet"/>).</param>
/// <param name="OpenFiles">Its limit of open files; 0: as it is.</param>
internal sealed record StartOrder(int Channel, ulong SignalMask, ulong OpenFiles, HandedCalls Calls)
{
    internal string ToArgument() => string.Create(CultureInfo.InvariantCulture, $"{Channel} {SignalMask:x} {OpenFiles} {(byte)Calls}");

    /// <summary>Which lengths of an address make a connect() one that is handed over; null for none.</summary>
    internal ArgumentTest? Connects
    {
        get
        {
            var (isShort, isIPv6) = (Calls.HasFlag(HandedCalls.ShortConnect), Calls.HasFlag(HandedCalls.IPv6Connect));
            const uint shortBytes = SocketAddressIPv4.SizeBytes;
            const uint longBytes = SocketAddressIPv6.SizeBytes;
            return Calls.HasFlag(HandedCalls.UnixConnect)
                ? new(2, [.. isShort ? [] : new[] { shortBytes }, .. isIPv6 ? [] : new[] { longBytes }], IsAny: false)
                : isShort ? new(2, [shortBytes]) : null;
        }
    }

    /// <summary>What such an argument says; null for another.</summary>
    internal static StartOrder? FromArgument(string argument) =>
        argument.Split(' ') is [var channel, var mask, var files, var calls]
        && int.TryParse(channel, NumberStyles.None, CultureInfo.InvariantCulture, out var descriptor)
        && ulong.TryParse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var signals)
        && ulong.TryParse(files, NumberStyles.None, CultureInfo.InvariantCulture, out var limit)
        && byte.TryParse(calls, NumberStyles.None, CultureInfo.InvariantCulture, out var handed)
            ? new StartOrder(descriptor, signals, limit, (HandedCalls)handed)
            : null;
}

/// <summary>What passes between this process and a start of the program until that executes the program.</summary>
internal sealed class StartOpening(SupervisionPlan plan, HoldPlan hold, ISupervisionReport report, KeptSockets sockets, Lock gate)
{
    private const string NothingKept = "its sockets are not kept, and its restarts are plain ones";
    private readonly ProgramErrors _errors = new();
    private readonly RefusalMemory _reported = new();

    internal void Report(string message) => _ = _errors.TryWrite(0, report.Note(message));

    /// <summary>
    /// Takes a message of a start, and answers it: its listener, that it has none, that the program cannot be executed, or that it is.
    /// </summary>
    /// <param name="post">What the threads that answer its calls tell by whoever has the gate; it is taken in later.</param>
    internal RestartEvent Receive(ProgramStart start, SafeFileDescriptor channel, Action<RestartEvent> post)
    {
        switch (ChannelText.Receive(channel, out var passed))
        {
            case var text when ChannelText.FilterOf(text) is { } filter && passed is [var listener] && !start.IsPrepared:
                var isKillable = filter.HasFlag(FilterFacts.WaitsKillably);
                var supervisor = new Supervisor(plan, report, _errors, start.ProcessId, isKillable,
                    new StartSockets(sockets, start, post, Report), _reported);
                if (!new CallServer(listener, supervisor, gate).TryStart())
                {
                    // Its filter is installed, and so it ends where it gets no answer.
                    start.CloseChannel();
                    return new RestartEvent.NotExecuted(start.Id, "no thread can be started that answers its calls");
                }
                var whyUnseen = SupervisorProcess.CheckAccess(start.ProcessId, 0) ?? ProcMountReader.Fault;
                // What is so is so each time: it is said once.
                if (start.IsFirst && filter.HasFlag(FilterFacts.LostRights) && plan.ReportsLostRights)
                    Report(SupervisionLimits.Rights);
                if (start.IsFirst && (whyUnseen ?? (isKillable ? null : "this kernel is older than Linux 5.19")) is { } whyNot)
                    Report($"{whyNot}: {NothingKept}");
                return Answer(start, channel, isSupervised: true, areSocketsSeen: whyUnseen is null);
            case [ChannelText.Fault, .. var fault] when !start.IsPrepared:
                if (start.IsFirst)
                    Report($"{SupervisionLimits.OfFilter(fault)}: {NothingKept}");
                return Answer(start, channel, isSupervised: false, areSocketsSeen: false);
            case [ChannelText.Fault, .. var why]:
                start.CloseChannel();
                return new RestartEvent.NotExecuted(start.Id, why);
            default:
                start.CloseChannel();
                return new RestartEvent.Executed(start.Id);
        }
    }

    // With what is kept, where the program is to get it as a service manager would pass it.
    private RestartEvent.Prepared Answer(ProgramStart start, SafeFileDescriptor channel, bool isSupervised, bool areSocketsSeen)
    {
        start.IsPrepared = true;
        var passed = hold.PassesSockets ? sockets.All.Take(DescriptorMessage.MostDescriptors).ToArray() : [];
        if (hold.PassesSockets && sockets.All.Count > passed.Length)
            Report(string.Create(CultureInfo.InvariantCulture,
                $"{passed.Length} of {sockets.All.Count} kept sockets are passed: one message carries no more"));
        // Not under one that serves on meanwhile.
        foreach (var one in passed.Where(static one => BoundedWork.TryRun(one.CheckBeside(), out var isOpen) && !isOpen))
            _ = FileFlagsCall.SetNonBlocking(one.Copy, isNonBlocking: false);
        var names = string.Join(':', passed.Select((one, at) => at < hold.Names.Length ? hold.Names[at] : one.Name));
        _ = ChannelText.Send(channel, ChannelText.Ready + names, [.. passed.Select(static one => one.Copy.Number)]);
        return new RestartEvent.Prepared(start.Id, isSupervised, passed.Length > 0, areSocketsSeen);
    }
}

/// <summary>
/// The terminal that this process was started in. A shell whose terminal goes sends SIGHUP as kill(1) does, so the signal alone does not
/// tell a request to start again from the end of everything.
/// </summary>
internal sealed class StartTerminal
{
    private const int Input = 0;
    private const int Output = 1;

    private readonly bool _wasThere = ControllingTerminal.IsThere();

    // In the background it would be a mode of the shell's, or of the program in the foreground; and where the output goes to a pager, that
    // sets the terminal's.
    private readonly TerminalMode? _mode = IsForeground() && TerminalModeCall.Get(Output, out _) == Errno.None
        && TerminalModeCall.Get(Input, out var mode) == Errno.None ? mode : null;

    internal bool IsEnded => _wasThere && !ControllingTerminal.IsThere();

    /// <summary>
    /// Nothing stands between it and this process, which leads its session: the kernel tells this process alone that it is gone, and the
    /// rest of its foreground once this process has ended.
    /// </summary>
    internal bool IsOwn { get; } = StatLine.TryParse(ThreadFile.Read(Environment.ProcessId, "stat"u8), out var stat)
        && stat.SessionId == Environment.ProcessId;

    /// <summary>
    /// The signals that this process was started with ignored: SIGHUP by nohup(1), SIGINT and SIGQUIT by a script's shell for a job in the
    /// background.
    /// </summary>
    internal ulong Ignored { get; } = StatusMasks.Of(ThreadFile.Read(Environment.ProcessId, "status"u8), "\nSigIgn:"u8);

    /// <summary>Sets the mode that it had: what a signal ended may have left it raw and without echo.</summary>
    internal void Restore()
    {
        // What is written to it may wait without end (Ctrl+S), and the mode waits for that.
        if (_mode is { } mode && IsForeground())
            _ = BoundedWork.TryRun(() => TerminalModeCall.Set(Input, mode), out _);
    }

    private static bool IsForeground() =>
        StatLine.TryParse(ThreadFile.Read(Environment.ProcessId, "stat"u8), out var stat) && stat.GroupId == stat.ForegroundGroupId;
}
