using System.Diagnostics;

namespace Bindwise.Cli.Tests;

/// <summary>A table of tests that bind for real, and so run in network and PID namespaces of their own, which unshare(1) makes.</summary>
public sealed class NamespaceTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<bool> CanUnshare = new(static () =>
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/usr/bin/unshare"))
            return false;
        using var attempt = Process.Start(new ProcessStartInfo("/usr/bin/unshare", ["--net", "--pid", "--fork", "true"]) { RedirectStandardError = true })!;
        attempt.WaitForExit();
        return attempt.ExitCode == 0;
    });

    /// <summary>Sets the reason to skip where it does not run.</summary>
    public NamespaceTheoryAttribute()
    {
        if (!CanUnshare.Value)
            Skip = "needs root on Linux and unshare(1), for namespaces";
    }
}
