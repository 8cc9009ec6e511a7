using System.Diagnostics;

namespace Bindwise.Supervising.Calls;

/// <summary>
/// What a supervisor has to say beside its explanations, on the program's standard error: by a thread that may be lost at that.
/// </summary>
/// <param name="program">A process that has it where the one that calls does not.</param>
internal sealed class SupervisorNotes(ISupervisionReport report, ProgramErrors errors, int program)
{
    private readonly List<string> _unsaid = [];
    private bool _hasReportedSockets;
    private bool _hasReportedMoves;
    private bool _hasReportedWorkers;

    internal void Add(string sentence) => _unsaid.Add(sentence);

    /// <summary>Says once that sockets are hidden.</summary>
    internal void AddOfSockets(WaitingCall call, Errno errno)
    {
        if (_hasReportedSockets)
            return;
        _hasReportedSockets = true;
        var name = call.Inspect(() => ThreadFile.Name(call.Thread));
        Add($"the sockets of {name} cannot be taken ({errno}, pidfd_getfd): it binds unsupervised");
    }

    /// <summary>Says once that a call was refused, as it may have been for an address that is closed.</summary>
    internal void AddOfMove(string why)
    {
        if (!_hasReportedMoves)
            Add($"{why}: EACCES, since bindwise cannot act with the program's rights here, and --port or --address promised another "
                + "address");
        _hasReportedMoves = true;
    }

    /// <summary>Says once, before they fail, that workers of Node.js do not take another port than they asked for.</summary>
    internal void SayOfWorkers(WaitingCall call, ThreadRights rights, int asked, int got)
    {
        if (_hasReportedWorkers)
            return;
        using (call.By.Leave())
        {
            var process = call.Process;
            _hasReportedWorkers = rights.TryWork(() => NodeCluster.HasWorkers(process) ? Errno.None : Errno.ESRCH) == Errno.None;
        }
        if (!_hasReportedWorkers)
            return;
        Add(string.Create(CultureInfo.InvariantCulture,
            $"Node.js's cluster ends its workers with EADDRINUSE if they asked for port {asked} and got {got}, although nothing is in the "
                + $"way: set the port in the program, or run it without cluster"));
        Say(call);
    }

    internal void Say(WaitingCall call)
    {
        if (_unsaid.Count == 0)
            return;
        var text = string.Concat(_unsaid.Select(report.Note));
        _unsaid.Clear();
        Write(call, text);
    }

    internal void Write(WaitingCall call, string text)
    {
        using (call.By.Leave())
        {
            if (!errors.TryWrite(call.Thread, text))
                _ = errors.TryWrite(program, text);
        }
    }
}

/// <summary>Which refusals were explained a short time ago: a program that tries again and again is told once.</summary>
internal sealed class RefusalMemory
{
    internal const int Limit = 64;

    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(30);
    private readonly Dictionary<(IpEndpoint Endpoint, string Error, string? Path, byte UnixType), long> _reported = [];

    /// <summary>It was not explained lately; from now on it was.</summary>
    internal bool IsNew(IpEndpoint endpoint, string error, string? path = null, byte unixType = 0)
    {
        if (_reported.TryGetValue((endpoint, error, path, unixType), out var at) && Stopwatch.GetElapsedTime(at) < Quiet)
            return false;
        // A program that walks through many ports: what it was told first has long scrolled away, and the rest is not told.
        if (_reported.Count >= Limit)
        {
            foreach (var old in _reported.Where(static one => Stopwatch.GetElapsedTime(one.Value) >= Quiet).ToList())
                _reported.Remove(old.Key);
            if (_reported.Count >= Limit)
                return false;
        }
        _reported[(endpoint, error, path, unixType)] = Stopwatch.GetTimestamp();
        return true;
    }

    /// <summary>It works now: the next refusal is news.</summary>
    internal void Forget(IpEndpoint endpoint)
    {
        foreach (var old in _reported.Keys.Where(key => key.Endpoint == endpoint).ToList())
            _reported.Remove(old);
    }
}

/// <summary>
/// Node.js's cluster: a worker asks the program's first process for a port, compares the port of the socket that it gets with the one that
/// it asked for, and reports EADDRINUSE where they differ (checkBindError() of lib/net.js). No system call of the worker's shows that.
/// </summary>
internal static class NodeCluster
{
    private const int MostWorkers = 64;
    private const int EnvironmentBytes = 256 * 1024;

    private static ReadOnlySpan<byte> Mark => "\0NODE_UNIQUE_ID="u8;

    /// <summary>A process has started workers, as their environment tells whoever may read it.</summary>
    internal static bool HasWorkers(int process)
    {
        var room = new byte[EnvironmentBytes];
        foreach (var child in Descendants.Of(process).Take(MostWorkers))
        {
            var path = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{child}/environ\0"));
            if (SmallFile.Read(OpenAt.WorkingDirectory, path, room, out var length) == Errno.None
                && room.AsSpan(0, length).IndexOf(Mark) >= 0)
                return true;
        }
        return false;
    }
}
