namespace Bindwise.Cli.Tests;

public class AuditTests
{
    private const string Hint = " (see: bindwise audit --help)";

    [LinuxTheory]
    [InlineData("", "no command given: name one, as in: bindwise audit -- python3 -m http.server 8080")]
    [InlineData("--", "no command given: name one, as in: bindwise audit -- python3 -m http.server 8080")]
    [InlineData("--for soon true", "--for soon is not a time: give 500ms, 10s, 2m or 1h")]
    [InlineData("--for 0 true", "--for 0 is not a time: give 500ms, 10s, 2m or 1h")]
    [InlineData("--json --sarif true", "--json and --sarif exclude each other: give one of them")]
    [InlineData("-q -v true", "--quiet and --verbose exclude each other: give one of them")]
    [InlineData("--attach 0", "--attach 0 is not a process id: give a number, such as pidof or bindwise why prints")]
    [InlineData("--attach 1 true", "--attach inspects a running process: give neither a command nor --for with it")]
    [InlineData("--attach 1 --for 1s", "--attach inspects a running process: give neither a command nor --for with it")]
    [InlineData("--fale-on note true", "unknown option --fale-on; did you mean --fail-on?")]
    public void Audit_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(["audit", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error + Hint, run.OneError);
    }

    [LinuxFact]
    public void Audit_OfAProcessThatIsNotThere_IsOneLineAndTwo()
    {
        var run = Bindwise.Run("audit", "--attach", "4194305");
        Assert.Equal((2, "", "bindwise: cannot audit process 4194305: there is no such process"), (run.ExitCode, run.Output, run.OneError));
    }
}
