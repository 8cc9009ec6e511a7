using Bindwise.Model.Snapshots;

namespace Bindwise.Rendering.Processes;

/// <summary>What the state letter of /proc/PID/stat means for a port (proc_pid_stat(5)).</summary>
internal static class ProcessStates
{
    /// <summary>Stopped by a signal (T) or a debugger (t).</summary>
    public static bool IsStopped(ProcessRecord process) => process.State is 'T' or 't';

    /// <summary>The leader has ended (Z, X).</summary>
    public static bool IsZombie(ProcessRecord process) => process.State is 'Z' or 'X';

    /// <summary>The word of the JSON form: <c>running</c>, <c>frozen</c>, <c>stopped</c> or <c>zombie</c>.</summary>
    public static string Name(ProcessRecord process) => process.Freeze is not null ? "frozen" : IsStopped(process) ? "stopped" : IsZombie(process) ? "zombie" : "running";
}
