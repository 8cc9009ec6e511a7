using System.Diagnostics;

namespace Bindwise.Tests;

/// <summary>
/// Copies of programs that a test executes. A copy made in this process is open for writing while another test starts a program: that child
/// holds it open until its own exec(), and until then nobody can execute the copy (ETXTBSY). A process of its own starts nothing.
/// </summary>
internal static class ProgramCopy
{
    /// <summary>Copies a program, with its mode.</summary>
    public static void Make(string program, string copy)
    {
        using var cp = Process.Start(new ProcessStartInfo("cp", ["--", program, copy]) { RedirectStandardError = true })!;
        var said = cp.StandardError.ReadToEnd();
        cp.WaitForExit();
        if (cp.ExitCode != 0)
            throw new IOException(said);
    }
}
