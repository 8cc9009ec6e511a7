using static System.FormattableString;

namespace Bindwise.Rendering.Processes;

/// <summary>By what a process holds a socket, as a phrase of the text.</summary>
internal static class HoldingWays
{
    /// <summary>What is out of the ordinary about how an owner holds it; none for a plain descriptor.</summary>
    public static IEnumerable<string> Describe(Owner owner)
    {
        var closed = owner.Ways.Length == 1 ? " (its descriptor is closed)" : "";
        foreach (var way in owner.Ways)
        {
            switch (way)
            {
                case HoldingWay.ThreadTable when ProcessStates.IsZombie(owner.Process):
                    yield return Invariant($"held by its thread {owner.ThreadId}");
                    break;
                case HoldingWay.ThreadTable:
                    yield return Invariant($"held only by its thread {owner.ThreadId}");
                    break;
                case HoldingWay.IoUring:
                    yield return "held through io_uring" + closed;
                    break;
                case HoldingWay.Mapping:
                    yield return "held through a memory mapping" + closed;
                    break;
                case HoldingWay.InFlight:
                    yield return "has yet to receive it from its UNIX socket";
                    break;
                case HoldingWay.Announced:
                    yield return "by its command line";
                    break;
                case HoldingWay.SystemCall:
                    yield return Invariant(
                        $"held by {(owner.Call is { } call ? call + "()" : "a system call")} in its thread {owner.ThreadId}") + closed;
                    break;
                case HoldingWay.IoUringRequest:
                    yield return "held by a request of io_uring" + closed;
                    break;
                case HoldingWay.AioRequest:
                    yield return "held by a request of AIO" + closed;
                    break;
                default:
                    break;
            }
        }
    }
}

/// <summary>What the state letter of /proc/PID/stat means for a port (proc_pid_stat(5)).</summary>
internal static class ProcessStates
{
    /// <summary>Stopped by a signal (T) or a debugger (t).</summary>
    public static bool IsStopped(ProcessRecord process) => process.State is 'T' or 't';

    /// <summary>The leader has ended (Z, X).</summary>
    public static bool IsZombie(ProcessRecord process) => process.State is 'Z' or 'X';

    /// <summary>The word of the JSON form: <c>running</c>, <c>frozen</c>, <c>stopped</c> or <c>zombie</c>.</summary>
    public static string Name(ProcessRecord process) =>
        process.Freeze is not null ? "frozen" : IsStopped(process) ? "stopped" : IsZombie(process) ? "zombie" : "running";
}
