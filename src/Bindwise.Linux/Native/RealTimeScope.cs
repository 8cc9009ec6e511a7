using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>
/// A few microseconds in which this thread must not lose the processor, since a port is held meanwhile: real-time priority
/// (sched(7), SCHED_FIFO), where the right to it is there (root, CAP_SYS_NICE); else a fresh time slice, which makes a loss unlikely.
/// </summary>
internal readonly ref partial struct RealTimeScope
{
    private const int Fifo = 1;

    private readonly int _policy;

    private RealTimeScope(int policy) => _policy = policy;

    /// <summary>Begins it: nothing but the urgent calls may stand before <see cref="Dispose"/>.</summary>
    internal static RealTimeScope Begin()
    {
        // Resolves the function before it matters; and a policy that is real-time already, or an exotic one, stays.
        var policy = GetPolicy(0);
        _ = Yield();
        var lowest = 1;
        return new RealTimeScope(policy == 0 && SetPolicy(0, Fifo, in lowest) == 0 ? policy : -1);
    }

    /// <summary>Ends it.</summary>
    public void Dispose()
    {
        var none = 0;
        if (_policy >= 0)
            _ = SetPolicy(0, _policy, in none);
    }

    [LibraryImport("libc", EntryPoint = "sched_getscheduler")]
    private static partial int GetPolicy(int thread);

    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetPolicy(int thread, int policy, in int priority);

    [LibraryImport("libc", EntryPoint = "sched_yield")]
    private static partial int Yield();
}
