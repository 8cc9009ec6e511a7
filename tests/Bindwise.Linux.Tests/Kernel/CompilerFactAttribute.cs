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
