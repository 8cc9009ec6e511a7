using System.ComponentModel;
using System.Diagnostics;
using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Tests.Processes.TaskFiles;

/// <summary>A test that loads a program into the kernel, and starts real processes written in Python; skipped, with the reason, where it cannot.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TaskFileFactAttribute : FactAttribute
{
    private static readonly Lazy<string?> Obstacle = new(static () =>
        !OperatingSystem.IsLinux() ? "needs Linux"
        : PythonProcess.Interpreter is null ? "needs python3 on the PATH"
        : !File.Exists("/sys/kernel/btf/vmlinux") ? "needs a kernel with type information (CONFIG_DEBUG_INFO_BTF)"
        : !KernelIterator.IsAllowed() ? "needs the right to load BPF programs (root, or CAP_BPF and CAP_PERFMON)"
        : null);

    private static readonly Lazy<bool> MayNest = new(static () =>
        Succeeds("unshare", "--pid", "--fork", "--mount-proc", "true") && Succeeds("setpriv", "--reuid", "65534", "--clear-groups", "unshare", "--user", "--map-root-user", "true"));

    public TaskFileFactAttribute() => Skip = Obstacle.Value;

    /// <summary>The test makes PID or user namespaces.</summary>
    public bool NeedsNamespaces
    {
        get;
        set
        {
            field = value;
            if (value && Skip is null && !MayNest.Value)
                Skip = "needs unshare and setpriv, and the right to make PID and user namespaces";
        }
    }

    private static bool Succeeds(string command, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(command, arguments);
            return process.WaitForExit(TimeSpan.FromSeconds(180)) && process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }
}
