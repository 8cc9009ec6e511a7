using System.Diagnostics;

namespace Bindwise.Tests;

/// <summary>
/// Copies of programs that a test executes. A copy made in this process is open for writing while another test starts a program: that child
/// holds it open until its own exec(), and until then nobody can execute the copy (ETXTBSY). A process of its own starts nothing.
/// </summary>
internal static class ProgramCopy
{
    /// <summary>Copies a program, with its mode.</summary>
    public static void Make(string program, string copy) => Copy("--", program, copy);

    /// <summary>Copies all that is in a folder into another, which is there, with the modes.</summary>
    public static void MakeAll(string folder, string copy) => Copy("-RL", "--", Path.Combine(folder, "."), copy);

    private static void Copy(params string[] words)
    {
        using var cp = Process.Start(new ProcessStartInfo("cp", words) { RedirectStandardError = true })!;
        var said = cp.StandardError.ReadToEnd();
        cp.WaitForExit();
        if (cp.ExitCode != 0)
            throw new IOException(said);
    }
}
