namespace Bindwise.Cli.Tests;

/// <summary><c>bindwise ls</c> as it is called; Bindwise.Kernel.Tests lists real servers.</summary>
public sealed class LsTests
{
    [LinuxTheory]
    [InlineData("ls :70000", "70000 is out of range: ports are 0 to 65535")]
    [InlineData("ls 9000-8000", "the range 9000-8000 ends before it begins: write 8000-9000")]
    [InlineData("ls --josn", "unknown option --josn; did you mean --json?")]
    [InlineData("ls --al tcp", "unknown option --al; did you mean --all?")]
    public void Ls_WrongLine_SaysWhatIsRight(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' '));
        Assert.Equal((2, "", $"bindwise: {error} (see: bindwise ls --help)"), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void Ls_WordOfSeventeenThousandCharacters_IsToldInOneShortLine()
    {
        var run = Bindwise.Run("ls", new string('a', 17_000));
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.InRange(run.OneError.Length, 1, 500);
        var none = Bindwise.Run("ls", new string('a', 4_000));
        Assert.Equal((1, ""), (none.ExitCode, none.Output));
        Assert.InRange(none.OneError.Length, 1, 500);
    }

    // Nothing matched because nobody could tell, not because nothing is in use.
    [LinuxTheory]
    [InlineData("unix", "--portable shows no UNIX sockets")]
    [InlineData("mine", "--portable shows no owners, so it cannot tell which ports are yours")]
    [InlineData("tcp mine", "--portable shows no owners, so it cannot tell which ports are yours")]
    [InlineData("no-such-program", "no port in use matches no-such-program; --portable shows no owners")]
    [InlineData("tcp 4194303", "no port in use matches tcp 4194303; --portable shows no owners")]
    [InlineData("tcp :1", "no port in use matches tcp :1")]
    public void Ls_PortableWithNothingToList_SaysWhatItCannotSee(string words, string reason)
    {
        var run = Bindwise.Run(["ls", "--portable", .. words.Split(' ')]);
        Assert.Equal((1, "", "bindwise: " + reason), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void Ls_HostileWord_IsEscaped() => Assert.Equal("bindwise: no port in use matches a\\e[31mb; --portable shows no owners", Bindwise.Run("ls", "--portable", "a\u001b[31mb").OneError);
}
