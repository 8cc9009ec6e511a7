using System.Diagnostics;
using Bindwise.Linux.Deadlines;

namespace Bindwise.Supervising.Auditing;

/// <summary>
/// Ends the audited program and what it started, gently first: SIGTERM, once to each, and SIGKILL to what is left after five seconds.
/// </summary>
/// <param name="isFromTerminal">It got the terminal's SIGINT too, and has a second to end by it.</param>
[SupportedOSPlatform("linux")]
internal sealed class AuditedEnding(int program, bool isFromTerminal)
{
    private static readonly TimeSpan InterruptTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TerminateTime = TimeSpan.FromSeconds(5);

    /// <summary>A server's workers, which it tells itself, end soon after it.</summary>
    private static readonly TimeSpan WorkersTime = TimeSpan.FromMilliseconds(200);

    private readonly long _since = Stopwatch.GetTimestamp();
    private readonly HashSet<int> _told = [];
    private bool _isTerminated;
    private long? _aloneSince;

    internal bool HasKilled { get; private set; }

    /// <param name="isProgramThere">The program's own process was not waited for yet.</param>
    /// <param name="isUrgent">At once: somebody pressed Ctrl+C again.</param>
    internal void Pace(bool isProgramThere, bool isUrgent)
    {
        var passed = Stopwatch.GetElapsedTime(_since) - (isFromTerminal ? InterruptTime : TimeSpan.Zero);
        if (isUrgent || passed >= TerminateTime)
        {
            HasKilled = true;
            Left().ForEach(static process => Descendants.Signal(process, SignalCall.Kill));
        }
        else if (passed >= TimeSpan.Zero && !_isTerminated)
        {
            _isTerminated = true;
            // A server tells its workers itself; who is left without it is told here.
            if (isProgramThere)
                _ = SignalCall.SendToChild(program, SignalCall.Terminate);
            else
                SignalNew();
        }
        else if (_isTerminated && !isProgramThere && Stopwatch.GetElapsedTime(_aloneSince ??= Stopwatch.GetTimestamp()) >= WorkersTime)
        {
            SignalNew();
        }
    }

    private void SignalNew() => Left().FindAll(_told.Add).ForEach(static process => Descendants.Signal(process, SignalCall.Terminate));

    private static List<int> Left() =>
        BoundedWork.TryRun(static () => Descendants.Of(Environment.ProcessId), out var left) ? left ?? [] : [];
}
