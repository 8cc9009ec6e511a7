namespace Bindwise.Cli.Tests;

/// <summary>Ctrl+C, typed at a terminal while something is drawn.</summary>
[Trait("Program", "both")]
public class InterruptionTests
{
    private const string CtrlC = "\u0003";
    private const string Wiped = "\r\u001b[K";

    [NamespaceTheory]
    [InlineData("lab prove tw-length", " s to wait")]
    [InlineData("lab prove --all", " cases")]
    [InlineData("lab draw tw-length --on kernel", "on the kernel")]
    public void LabOnTheKernel_Interrupted_LeavesACleanLine(string line, string drawn)
    {
        var screen = Interrupt(line, drawn);
        Assert.EndsWith(Wiped, screen, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", screen[screen.LastIndexOf("^C", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [NamespaceTheory]
    [InlineData("why 80 --follow --user nobody")]
    [InlineData("why 80 --follow --user nobody --no-probe")]
    public void WhyFollow_Interrupted_LeavesACleanLine(string line) => Assert.EndsWith(Wiped, Interrupt(line, "waiting"), StringComparison.Ordinal);

    // A shell leaves a loop only with a program that the signal ended: one that exits with 130 lets it go on. And a signal without a
    // handler does not reach the first process of a PID namespace, so there Ctrl+C is typed until it is heard.
    [NamespaceTheory]
    [InlineData("bash -c 'for i in 1 2; do echo begun; $B why -; done'")]
    [InlineData("unshare --pid --fork --kill-child --mount-proc sh -c 'echo begun; exec $B why -'")]
    public void WhyThatReads_Interrupted_EndsWithTheLoopAroundIt(string line)
    {
        var screen = Path.GetTempFileName();
        try
        {
            var run = Bindwise.RunShell(
                "{ for i in $(seq 1500); do grep -qaF begun \"$S\" && break; sleep 0.1; done; for i in $(seq 300); do sleep 0.5; printf '%s' \"$C\" || break; done; } "
                    + "| timeout -k 1 120 script -qefc \"$L\" \"$S\"",
                new() { ["TERM"] = "xterm", ["S"] = screen, ["L"] = line, ["C"] = CtrlC });
            Assert.Equal(130, run.ExitCode);
            Assert.Equal(1, run.Output.Split("begun").Length - 1);
        }
        finally
        {
            File.Delete(screen);
        }
    }

    // Types Ctrl+C once the text is on the screen; script(1) ends with the program's own code.
    private static string Interrupt(string arguments, string drawn)
    {
        var screen = Path.GetTempFileName();
        try
        {
            var run = Bindwise.RunShell(
                "{ for i in $(seq 1500); do grep -qaF -- \"$D\" \"$S\" && break; sleep 0.1; done; sleep 0.3; printf '%s' \"$C\"; sleep 1; } "
                    + "| script -qefc \"stty cols 60; $X $B $L\" \"$S\"",
                new() { ["TERM"] = "xterm", ["S"] = screen, ["D"] = drawn, ["L"] = arguments, ["X"] = "unshare --net --pid --fork --kill-child --mount-proc", ["C"] = CtrlC });
            Assert.Equal(130, run.ExitCode);
            Assert.Contains(drawn, run.Output, StringComparison.Ordinal);
            var text = run.Output.Replace("\r\n", "\n", StringComparison.Ordinal);
            // Where the terminal's ^C wraps, the line above it stays.
            var line = text[..(text.IndexOf("^C", StringComparison.Ordinal) + 2)].Split(['\n', '\r'])[^1].Replace("\u001b[K", "", StringComparison.Ordinal);
            Assert.True(line.Length <= 60, line);
            return text;
        }
        finally
        {
            File.Delete(screen);
        }
    }
}
