using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>A test that loads a program into the kernel, and starts real processes written in Python; skipped, with the reason, where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TaskFileFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Obstacle = new(static () =>
        !OperatingSystem.IsLinux() ? "needs Linux"
        : PythonActor.Interpreter is null ? "needs python3 on the PATH"
        : !File.Exists("/sys/kernel/btf/vmlinux") ? "needs a kernel with type information (CONFIG_DEBUG_INFO_BTF)"
        : !TaskFileIterator.IsAllowed() ? "needs the right to load BPF programs (root, or CAP_BPF and CAP_PERFMON)"
        : null);

    public TaskFileFactAttribute() => Skip = Obstacle.Value;
}
