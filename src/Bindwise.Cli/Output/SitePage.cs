using System.ComponentModel;
using System.Diagnostics;

namespace Bindwise.Cli.Output;

/// <summary>A page of the site: its address is printed, and opened for somebody who sits before a screen.</summary>
internal static class SitePage
{
    /// <summary>Prints the address, and opens it where standard output is a terminal and there is a browser.</summary>
    public static ExitCode Show(string address, AnswerStream output, ErrorLines errors)
    {
        output.Write(address + "\n");
        if (output.Fault is null && !Console.IsOutputRedirected && Opener(address) is { } opener && Open(opener) is { } failure)
            errors.Write($"cannot open a browser: {failure}");
        return ExitCode.Success;
    }

    /// <summary>What opens an address; null where there is no screen.</summary>
    private static ProcessStartInfo? Opener(string address)
    {
        if (OperatingSystem.IsWindows())
            return new ProcessStartInfo(address) { UseShellExecute = true };
        var program = OperatingSystem.IsMacOS() ? "/usr/bin/open" : HasScreen() ? ExternalProgram.Find("xdg-open") : null;
        // What a browser says is not for this terminal.
        return program is null ? null : new ProcessStartInfo("/bin/sh", ["-c", "exec \"$0\" \"$1\" >/dev/null 2>&1", program, address]);
    }

    private static bool HasScreen() => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("WAYLAND_DISPLAY"))
        || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("DISPLAY"));

    // One line when it cannot be started; what becomes of it then is its own affair.
    private static string? Open(ProcessStartInfo opener)
    {
        try
        {
            using var process = Process.Start(opener);
            return null;
        }
        catch (Win32Exception exception)
        {
            return exception.Message;
        }
    }
}
