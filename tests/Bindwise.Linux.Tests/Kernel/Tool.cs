using System.Diagnostics;

namespace Bindwise.Linux.Tests.Kernel;

/// <summary>Runs a program of the system in the calling thread's namespace.</summary>
public static class Tool
{
    /// <summary>Runs it to its end; a failure fails the test with what the program said.</summary>
    public static void Run(string file, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, errors);
    }
}
