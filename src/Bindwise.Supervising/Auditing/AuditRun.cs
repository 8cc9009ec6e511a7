using System.Diagnostics;
using Bindwise.Linux.Censuses;
using Bindwise.Linux.SockDiag;
using Bindwise.Linux.Sysctls;
using Bindwise.Model.Addresses;
using Bindwise.Model.Auditing;
using Bindwise.Model.Rules;
using Bindwise.Supervising.Restarting;

namespace Bindwise.Supervising.Auditing;

/// <summary>One audit, from the program's start to the record of it.</summary>
/// <param name="processes">Noted before the program's first process was there.</param>
internal sealed class AuditRun(AuditPlan plan, int program, ProgramProcesses processes, AuditWatch watch, WakeSignal wake,
    SocketDeaths? deaths, TableReader? table)
{
    private const int MostTallies = 4096;
    private const int MostSockets = 1 << 16;
    private const int EndTries = 50;
    private const int EndMicroseconds = 10_000;

    // A look at the whole table may take this share of the time.
    private const int ShareOfTime = 50;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan SlowTick = TimeSpan.FromMilliseconds(250);

    private readonly long _overflowsBefore = ReadOverflows();
    private readonly HashSet<ulong> _waitingBefore = table is null ? [] : [.. table.TimeWaits().Keys];
    private readonly Dictionary<IpEndpoint, (int Count, TimeSpan? FirstAt)> _seen = [];
    private readonly Dictionary<ulong, IpEndpoint> _connected = [];
    private readonly Dictionary<ulong, TimeSpan> _closed = [];
    private readonly Dictionary<ulong, IpEndpoint> _kernelPorts = [];
    private readonly Dictionary<ulong, QueueTally> _queues = [];
    private readonly HashSet<IpEndpoint> _otherListeners = [];
    private Dictionary<IpEndpoint, int> _timeWaits = [];
    private TimeSpan _nextScan;
    private TimeSpan _nextTable;
    private int? _exitCode;
    private TimeSpan? _reportLeftAt;
    private AuditedEnding? _ending;
    private ImmutableArray<int> _goingOn = [];
    private AuditEnd _end = AuditEnd.ByItself;
    private string? _notExecuted;
    private bool _hasExecuted;

    /// <summary>Watches until the program has ended, and every process that it started.</summary>
    /// <exception cref="AuditException">The program could not be executed, or its calls not be answered.</exception>
    internal AuditRecord Watch(SafeFileDescriptor listener, SafeFileDescriptor channel)
    {
        var gate = new Lock();
        watch.BeforeCall = () => deaths?.Drain(Visit);
        watch.BeforeRebind = () => deaths?.DrainToNow(Visit);
        if (!new CallServer(listener, watch, gate).TryStart())
            throw new AuditException("cannot audit: no thread can be started that answers the program's calls", ProgramAudit.Unaudited);
        _ = ChannelText.Send(channel, $"{AuditedProgram.Go}");
        Span<int> descriptors = [wake.Number, deaths?.Number ?? wake.Number, channel.Number];
        while (true)
        {
            _ = PollCall.WaitUntilAnyReadable(descriptors[..(_hasExecuted ? 2 : 3)], Tick, out _);
            using var turn = gate.EnterScope();
            if (watch.IsOver)
                return Finish(channel);
            ReadStart(channel);
            deaths?.Drain(Visit);
            Reap();
            PassSignals();
            Update();
            Pace();
        }
    }

    // Its end is closed when the program is executed; a word comes when it is not.
    private void ReadStart(SafeFileDescriptor channel)
    {
        if (_hasExecuted || !PollCall.WaitUntilReadable(channel, 0))
            return;
        _hasExecuted = true;
        if (ChannelText.Receive(channel, out _) is [AuditedProgram.NotExecuted, .. var text])
            _notExecuted = text;
    }

    private void Reap()
    {
        while (AnyChildCall.TryFindEnded(out var child))
        {
            AnyChildCall.Reap(child, out var exitCode, out _);
            if (child != program)
                continue;
            _exitCode = exitCode;
            _reportLeftAt = watch.Now + Tick;
        }
    }

    // Not at once: a Ctrl+C that has ended the program is seen here a moment later.
    private void ReportLeft()
    {
        if (!(watch.Now >= _reportLeftAt))
            return;
        _reportLeftAt = null;
        if (processes.Find(areSupervised: true) is { Count: > 0 and var left })
            plan.Report(string.Create(CultureInfo.InvariantCulture,
                $"the program has ended with {_exitCode}; {left} of the processes that it started {(left == 1 ? "goes" : "go")} on "
                    + $"(Ctrl+C ends {(left == 1 ? "it" : "them")})"));
    }

    // Before it is the program they would end it. Ctrl+\ has reached it as well.
    private void PassSignals()
    {
        while (_hasExecuted && _exitCode is null && plan.Signals.TryDequeue(out var signal))
        {
            if (signal != SignalNames.Quit || !ControllingTerminal.IsThere())
                _ = SignalCall.SendToChild(program, signal);
        }
    }

    private void Update()
    {
        var now = watch.Now;
        if (watch.Listeners.IsEmpty || table is null || now < _nextScan)
            return;
        _nextScan = now + Tick;
        ReadQueues();
        // Once the program is being ended, who closes first is the audit's doing.
        if (now < _nextTable || _ending is not null)
            return;
        var started = Stopwatch.GetTimestamp();
        ReadTimeWaits();
        _nextTable = now + TimeSpan.FromTicks(Math.Max(SlowTick.Ticks, Stopwatch.GetElapsedTime(started).Ticks * ShareOfTime));
    }

    private void ReadQueues()
    {
        foreach (var (cookie, (local, waiting, limit, drops)) in table!.Queues())
        {
            if (!watch.Listeners.Has(cookie))
            {
                if (watch.Listeners.HasPort(local.Port) && _otherListeners.Count < MostTallies)
                    _otherListeners.Add(local);
                continue;
            }
            var most = _queues.TryGetValue(cookie, out var before) ? Math.Max(before.Most, waiting) : waiting;
            _queues[cookie] = new QueueTally(cookie, limit, most, drops);
        }
    }

    private static long ReadOverflows() => ListenStatistics.Read(new byte[ListenStatistics.RoomBytes]).Overflows;

    private void ReadTimeWaits()
    {
        var counted = new Dictionary<IpEndpoint, int>();
        foreach (var (cookie, local) in table!.TimeWaits())
        {
            if (watch.Listeners.HasPort(local.Port) && !_waitingBefore.Contains(cookie) && counted.Count < MostTallies)
                counted[local] = counted.GetValueOrDefault(local) + 1;
        }
        _timeWaits = counted;
    }

    private void Visit(DiagEntry entry)
    {
        var cookie = entry.Cookie;
        if (entry.RemotePort == 0)
        {
            if (!watch.Events.Knows(cookie) || _closed.Count >= MostSockets)
                return;
            _closed.TryAdd(cookie, watch.Now);
            if (entry.LocalPort != 0)
                _kernelPorts.TryAdd(cookie, entry.Local);
            return;
        }
        if (watch.Events.Knows(cookie) && !watch.Listeners.Has(cookie) && _connected.Count < MostSockets)
            _connected.TryAdd(cookie, entry.Remote);
        else if (watch.Listeners.HasPort(entry.LocalPort) && (_seen.Count < MostTallies || _seen.ContainsKey(entry.Local)))
        {
            var (count, firstAt) = _seen.GetValueOrDefault(entry.Local);
            _seen[entry.Local] = (count + 1, firstAt ?? watch.Now);
        }
    }

    // A connection that the program left open is closed by packets, for which a busy host takes
    // its time; until then it stands in the table.
    private void AwaitSockets()
    {
        if (deaths is null || table is null)
            return;
        var left = watch.Events.ToArray().Where(static one => one is { Socket: not 0, Protocol: Protocol.Tcp })
            .Select(static one => one.Socket).ToHashSet();
        for (var tries = 0; tries < EndTries; tries++)
        {
            left.RemoveWhere(cookie => _closed.ContainsKey(cookie) || _connected.ContainsKey(cookie));
            if (left.Count == 0)
                return;
            foreach (var (cookie, remote) in table.Remotes())
            {
                if (left.Contains(cookie) && _connected.Count < MostSockets)
                    _connected.TryAdd(cookie, remote);
            }
            deaths.Await(EndMicroseconds, Visit);
        }
    }

    private void Pace()
    {
        if (_ending is null)
        {
            if (plan.Interruption.IsCancellationRequested)
                _end = AuditEnd.Interrupted;
            else if (plan.Time is { } time && watch.Now >= time)
                _end = AuditEnd.TimeOver;
            else
            {
                ReportLeft();
                return;
            }
            if (table is not null && _end == AuditEnd.TimeOver)
                ReadTimeWaits();
            _goingOn = [.. processes.Find(areSupervised: true) ?? []];
            _ending = new AuditedEnding(program, processes, isFromTerminal: _end == AuditEnd.Interrupted && ControllingTerminal.IsThere());
        }
        _ending.Pace(_exitCode is null, plan.Urgency.IsCancellationRequested);
    }

    private AuditRecord Finish(SafeFileDescriptor channel)
    {
        ReadStart(channel);
        if (_exitCode is null && ChildWaitCall.AwaitEnd(program, out var exitCode) == Errno.None)
            _exitCode = exitCode;
        Reap();
        // The terminal's SIGINT ended it before it was seen here.
        if (_ending is null && plan.Interruption.IsCancellationRequested)
            _end = AuditEnd.Interrupted;
        if (_notExecuted?.Split(' ', 2) is [var code, var why])
            throw new AuditException(why, int.Parse(code, CultureInfo.InvariantCulture));
        deaths?.DrainToNow(Visit);
        AwaitSockets();
        if (_end == AuditEnd.ByItself && table is not null && !watch.Listeners.IsEmpty)
            ReadTimeWaits();
        var events = watch.Events.ToArray();
        return new AuditRecord
        {
            Command = string.Join(' ', plan.Command),
            Process = program,
            GoingOn = _goingOn,
            Events = events,
            EventsCut = watch.Events.Cut,
            OtherSockets = watch.Events.OtherSockets,
            Settings = PortSettings.Read(),
            MostBacklog = BacklogLimit.ReadMostBacklog(),
            Connections = [.. _seen.Keys.Union(_timeWaits.Keys)
                .Select(local => new EndedConnections(local, _seen.GetValueOrDefault(local).Count, _timeWaits.GetValueOrDefault(local),
                    _seen.GetValueOrDefault(local).FirstAt))],
            OtherListeners = [.. _otherListeners],
            Queues = [.. _queues.Values],
            Overflows = ReadOverflows() - _overflowsBefore,
            Connected = _connected.ToImmutableDictionary(),
            Closed = _closed.ToImmutableDictionary(),
            KernelPorts = _kernelPorts.ToImmutableDictionary(),
            FilesLeft = _ending is { HasKilled: true } ? [] : [.. events.Where(static one => one is { Act: AuditAct.Bind, Path: not null })
                .Select(static one => one.Path!).Distinct().Where(UnixFiles.IsLeft)],
            Duration = watch.Now,
            End = _end,
            ExitCode = _exitCode,
            Unseen =
            [
                .. watch.Unseen,
                .. deaths is null ? ["this kernel does not report when sockets are closed: connections were not counted"]
                    : Array.Empty<string>(),
                .. deaths is { IsIncomplete: true }
                    ? ["more sockets were closed at once than the kernel reports: connections were undercounted"] : Array.Empty<string>(),
                .. watch.Events.FaultText is { } fault ? [$"the audit left a call to the kernel: {fault}"] : Array.Empty<string>(),
            ],
        };
    }
}

/// <summary>A UNIX socket's file that nobody needs any more.</summary>
internal static class UnixFiles
{
    /// <summary>A socket's file is there, and no socket has its name.</summary>
    internal static bool IsLeft(string path) => ProcessPaths.IsSocket(path) && Find(Encoding.UTF8.GetBytes(path)) is { Count: 0 };

    /// <summary>A socket of this type has this abstract name in this network namespace.</summary>
    internal static bool IsBound(string name, byte type) =>
        Find([0, .. AbstractName.Read(name)])?.Exists(one => UnixBindRules.HoldsAbstractName(one, type)) == true;

    private static List<HeldSocket>? Find(byte[] name)
    {
        using var client = SockDiagClient.TryOpen();
        var found = new List<HeldSocket>();
        return client?.ReadUnix(name, default, found).IsComplete == true ? found : null;
    }
}

/// <summary>Settings that an audit reads beside those about ports.</summary>
internal static class BacklogLimit
{
    /// <summary>net.core.somaxconn; null where it cannot be read.</summary>
    internal static int? ReadMostBacklog()
    {
        Span<byte> text = stackalloc byte[16];
        return SmallFile.Read("/proc/sys/net/core/somaxconn\0"u8, text, out var length) == Errno.None
            && int.TryParse(text[..length].TrimEnd((byte)'\n'), NumberStyles.None, CultureInfo.InvariantCulture, out var most) ? most
            : null;
    }
}
