using System.Diagnostics;

namespace Bindwise.Linux.Tests.Kernel;

/// <summary>A test that asks the C compiler; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CompilerFactAttribute : FactAttribute
{
    public CompilerFactAttribute() => Skip = Obstacle;

    private static string? Obstacle { get; } = Find();

    private static string? Find()
    {
        if (!OperatingSystem.IsLinux())
            return "needs Linux";
        if (!File.Exists("/usr/include/linux/inet_diag.h"))
            return "needs the kernel's headers (linux-libc-dev)";
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("gcc", "--version") { RedirectStandardOutput = true });
            compiler!.StandardOutput.ReadToEnd();
            compiler.WaitForExit();
            return compiler.ExitCode == 0 ? null : "gcc does not work";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "needs a C compiler (gcc)";
        }
    }
}

/// <summary>A table of tests that ask a compiler for other processors too; skipped, with the reason, where there is none, or none of arm64's headers.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CompilerTheoryAttribute : TheoryAttribute
{
    /// <summary>Where Debian's linux-libc-dev-arm64-cross and libc6-dev-arm64-cross have them.</summary>
    public const string ForeignHeaders = "/usr/aarch64-linux-gnu/include";

    public CompilerTheoryAttribute() => Skip =
        !OperatingSystem.IsLinux() ? "needs Linux"
        : !File.Exists("/usr/bin/clang") ? "needs a compiler for arm64 (clang)"
        : !File.Exists("/usr/include/linux/inet_diag.h") ? "needs the kernel's headers (linux-libc-dev)"
        : !File.Exists(ForeignHeaders + "/linux/inet_diag.h") || !File.Exists(ForeignHeaders + "/fcntl.h") ? "needs arm64's headers (libc6-dev-arm64-cross, linux-libc-dev-arm64-cross)"
        : null;
}
