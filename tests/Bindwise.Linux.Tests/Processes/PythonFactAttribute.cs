using System.Diagnostics;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>A test that starts real processes written in Python; skipped, with the reason, where something that it needs is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PythonFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> MayMount = new(() =>
    {
        using var process = Process.Start("unshare", ["--mount", "sh", "-c", "mount -t proc -o hidepid=invisible proc /proc"]);
        return process.WaitForExit(TimeSpan.FromSeconds(180)) && process.ExitCode == 0;
    });

    private static readonly Lazy<bool> HasRings = new(() =>
    {
        using var python = PythonProcess.Start("say(libc.syscall(425, 8, (ctypes.c_ubyte * 120)()) >= 0)");
        return python.Said[0] == "True";
    });

    public PythonFactAttribute() =>
        Skip = !OperatingSystem.IsLinux() ? "needs Linux" : PythonProcess.Interpreter is null ? "needs python3 on the PATH" : null;

    /// <summary>The test changes its user.</summary>
    public bool NeedsRoot
    {
        get;
        set
        {
            field = value;
            if (value && Environment.UserName != "root")
                Skip ??= "needs root";
        }
    }

    /// <summary>The test mounts a /proc of its own.</summary>
    public bool NeedsMounts
    {
        get;
        set
        {
            field = value;
            if (value && Skip is null && !MayMount.Value)
                Skip = "needs the right to mount (CAP_SYS_ADMIN)";
        }
    }

    /// <summary>The test's python uses io_uring.</summary>
    public bool NeedsRings
    {
        get;
        set
        {
            field = value;
            if (value && Skip is null && !HasRings.Value)
                Skip = "needs io_uring (see kernel.io_uring_disabled)";
        }
    }
}
