namespace Bindwise.Linux.Policies;

/// <param name="ProcessId">The process; null for the calling thread itself.</param>
/// <param name="CgroupPath">The cgroup's path in the unified hierarchy, as /proc/PID/cgroup shows it; null for the process's own.</param>
internal sealed record PolicySubject(int? ProcessId = null, string? CgroupPath = null)
{
    /// <summary>bindwise itself: then experiments are possible that no other process can be asked for.</summary>
    internal static PolicySubject Self { get; } = new();

    internal string ProcFolder =>
        ProcessId is { } id ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/proc/{id}") : "/proc/thread-self";
}
