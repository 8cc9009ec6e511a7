using System.Diagnostics;

namespace Bindwise.Supervising.Calls;

/// <summary>A bind() that waits until its port is free.</summary>
/// <param name="socket">The copy of its socket, which goes with this one.</param>
/// <param name="limit">When to give up; <see cref="Timeout.InfiniteTimeSpan"/>: never.</param>
[SupportedOSPlatform("linux")]
internal sealed class HeldBind(WaitingCall call, TrappedSocket socket, SupervisedAddress address, RefusedCall refused, TimeSpan limit)
    : IDisposable
{
    /// <summary>Between two tries, which cost some microseconds each.</summary>
    internal const int PaceMilliseconds = 25;

    private readonly long _since = Stopwatch.GetTimestamp();
    private long _triedAt = Stopwatch.GetTimestamp();

    internal WaitingCall Call => call;
    internal TrappedSocket Socket => socket;
    internal SupervisedAddress Address => address;
    internal RefusedCall Refused => refused;
    internal TimeSpan Waited => Stopwatch.GetElapsedTime(_since);
    internal bool IsOver => limit != Timeout.InfiniteTimeSpan && Waited >= limit;

    /// <summary>It is time to try again; other calls may come in between much more often.</summary>
    internal bool IsDue
    {
        get
        {
            if (Stopwatch.GetElapsedTime(_triedAt).TotalMilliseconds < PaceMilliseconds)
                return false;
            _triedAt = Stopwatch.GetTimestamp();
            return true;
        }
    }

    public void Dispose() => socket.Dispose();
}
