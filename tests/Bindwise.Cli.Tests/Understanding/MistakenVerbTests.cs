namespace Bindwise.Cli.Tests.Understanding;

public class MistakenVerbTests
{
    [LinuxTheory]
    [InlineData("wyh 8080", "there is no verb wyh and no service of that name; did you mean bindwise why?")]
    [InlineData("WHY 8080", "there is no verb WHY and no service of that name; did you mean bindwise why?")]
    [InlineData("explian TIME_WAIT", "there is no verb explian and no service of that name; did you mean bindwise explain?")]
    [InlineData("matirx", "there is no verb matirx and no service of that name; did you mean bindwise matrix?")]
    [InlineData("lba list", "there is no verb lba and no service of that name; did you mean bindwise lab?")]
    [InlineData("hepl", "there is no verb hepl and no service of that name; did you mean bindwise help?")]
    [InlineData("--color never wyh 8080", "there is no verb wyh and no service of that name; did you mean bindwise why?")]
    [InlineData("help wyh", "there is no verb wyh; did you mean bindwise help why?")]
    [InlineData("help TIME_WAIT", "there is no verb TIME_WAIT; there are why, free, wait, pick, run, audit, ls, watch, serve, record, history, plan, explain, matrix, lab, mcp, completion")]
    public void Run_MisspeltVerb_SuggestsTheVerb(string line, string error) => Fails(line, error);

    [LinuxTheory]
    [InlineData("kill 3000", "there is no verb kill; bindwise free 3000 ends what holds the port, and asks before")]
    [InlineData("stop 8080", "there is no verb stop; bindwise free 8080 ends what holds the port, and asks before")]
    [InlineData("stop", "there is no verb stop; bindwise free 8080 ends what holds the port, and asks before")]
    [InlineData("follow 9100", "there is no verb follow; bindwise why 9100 --follow stays until the port is free, and bindwise wait 9100 waits for it in scripts")]
    [InlineData("list --json", "there is no verb list; bindwise ls lists the ports in use")]
    [InlineData("ps", "there is no verb ps; bindwise ls lists the ports in use")]
    [InlineData("find 8080", "there is no verb find; bindwise pick prints a port that is free")]
    [InlineData("strace", "there is no verb strace; bindwise audit runs a program and reports what it does wrong with its ports")]
    [InlineData("supervise", "there is no verb supervise; bindwise run starts a program so that TIME_WAIT does not block its restarts")]
    [InlineData("version", "there is no verb version; use bindwise --version")]
    public void Run_VerbThatDoesNotExist_SaysWhatToUse(string line, string error) => Fails(line, error);

    [LinuxTheory]
    [InlineData("http")]
    [InlineData("ssh")]
    [InlineData("mail")]
    public void Run_ServiceName_IsATarget(string name) => Assert.StartsWith("bindwise: the snapshot does not hold " + name, OfASnapshot(name), StringComparison.Ordinal);

    [LinuxTheory]
    [InlineData("why free", "free")]
    [InlineData("why wyh", "wyh")]
    public void Why_WordLikeAVerb_IsATarget(string line, string target) => Assert.StartsWith("bindwise: the snapshot does not hold " + target, OfASnapshot(line), StringComparison.Ordinal);

    private static string OfASnapshot(string line)
    {
        using var snapshots = new Snapshots();
        return Bindwise.Run([.. line.Split(' '), "--snapshot", snapshots.File]).OneError;
    }

    private static void Fails(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error, run.OneError);
    }
}
