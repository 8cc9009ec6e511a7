using System.Text;

namespace Bindwise.Cli.Tests;

public class UsageTests
{
    private const string Hint = " (see: bindwise why --help)";

    [Theory]
    [InlineData("why", "no target given: name one (bindwise why 8080), or paste an error text into bindwise why -" + Hint)]
    [InlineData("--json", "no target given: name one (bindwise why 8080), or paste an error text into bindwise why -" + Hint)]
    [InlineData("--nope 8080", "unknown option --nope" + Hint)]
    [InlineData("8080 --reuseaddr", "unknown option --reuseaddr; did you mean --reuse-address?" + Hint)]
    [InlineData("8080 --REUSE_PORT", "unknown option --REUSE_PORT; did you mean --reuse-port?" + Hint)]
    [InlineData("-x 8080", "unknown option -x" + Hint)]
    [InlineData("8080 --v6-only --dual-stack", "--v6-only and --dual-stack are opposites: give one of them" + Hint)]
    [InlineData("8080 --plain --reuse-address", "--plain asks for a socket without options: leave it out, or --reuse-address" + Hint)]
    [InlineData("8080 --plain --reuse-port", "--plain asks for a socket without options: leave it out, or --reuse-port" + Hint)]
    [InlineData("8080 --josn", "unknown option --josn; did you mean --json?" + Hint)]
    [InlineData("8080 -josn", "unknown option -josn; did you mean --json?" + Hint)]
    [InlineData("8080 --colour never", "unknown option --colour; did you mean --color?" + Hint)]
    [InlineData("8080 --color", "--color needs a value: --color WHEN" + Hint)]
    [InlineData("--color sometimes 8080", "--color sometimes is not a choice: give auto, always or never" + Hint)]
    [InlineData("8080 -q -v", "--quiet and --verbose are opposites: give one of them" + Hint)]
    [InlineData("8080 -qv", "--quiet and --verbose are opposites: give one of them" + Hint)]
    [InlineData("8080 --pid 1 --unit nginx", "--pid and --unit cannot be used together: give one of them" + Hint)]
    [InlineData("8080 --unit nginx --container web", "--unit and --container cannot be used together: give one of them" + Hint)]
    [InlineData("8080 --pid 1 --user root", "--pid already sets the user and the network namespace: leave out --user" + Hint)]
    [InlineData("8080 --netns blue --container web", "--container already sets the user and the network namespace: leave out --netns" + Hint)]
    [InlineData("8080 --user root --snapshot file", "--user cannot be used with --snapshot: a snapshot is the answer for the program that it was taken for" + Hint)]
    [InlineData("8080 --netns", "--netns needs a value: --netns PID|NAME|PATH" + Hint)]
    [InlineData("8080 --container=", "--container needs a value: --container ID|NAME" + Hint)]
    [InlineData("8080 --device", "--device needs a value: --device NAME" + Hint)]
    [InlineData("8080 --snapshot", "--snapshot needs a value: --snapshot FILE" + Hint)]
    [InlineData("8080 9090 --follow", "--follow takes one target: run it once for each" + Hint)]
    [InlineData("8080 --save-snapshot -", "--save-snapshot needs a file, and - is none; a file of that name is ./-" + Hint)]
    [InlineData("8080 --snapshot -", "--snapshot needs a file, and - is none; a file of that name is ./-" + Hint)]
    [InlineData("web1:8080 --via telnet", "--via telnet is not a way to another host: give ssh" + Hint)]
    [InlineData("web1:8080 web2:8080 --via ssh", "--via ssh asks one host at a time: give one HOST:PORT" + Hint)]
    [InlineData("web1:8080 --via ssh --follow", "--via ssh asks about the present: leave out --follow, --at, --snapshot and --save-snapshot" + Hint)]
    [InlineData("8080 --via ssh", "--via ssh asks another host: 8080 names none; give HOST:PORT, as in web1:8080" + Hint)]
    [InlineData("web1:http --via ssh", "--via ssh asks about a port: \"http\" is none; give HOST:PORT, as in web1:8080" + Hint)]
    [InlineData("::1:8080 --via ssh", "\"::1:8080\" is ambiguous: give an IPv6 address in brackets, as in [2001:db8::1]:8080" + Hint)]
    [InlineData("a@-oProxyCommand=x:80 --via ssh", "\"a@-oProxyCommand=x\" is not a host that ssh is given: use a name, USER@NAME or an address" + Hint)]
    [InlineData("--follow --snapshot x", "--follow watches this system and cannot be used with --snapshot" + Hint)]
    [InlineData("- -", "- was given twice, but standard input can be read only once" + Hint)]
    [InlineData("-1", "unknown option -1" + Hint)]
    [InlineData("-- -1", "a port is not negative; write 1")]
    [InlineData("70000", "port 70000 is out of range (0 to 65535); give one such as 8080")]
    [InlineData("::1:80", "\"::1:80\" is ambiguous; write [::1]:80 for port 80 at ::1, or [::1:80]:PORT for the address ::1:80")]
    public void Run_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("", run.Output);
        Assert.Equal("bindwise: " + error, run.OneError);
    }

    [Fact]
    public void Run_ControlCharactersInAnArgument_StayOneHarmlessLine()
    {
        var run = Bindwise.Run("why", "\u001b[2Jport\u202e\nx:1:2:3");
        Assert.Equal(2, run.ExitCode);
        Assert.DoesNotContain(run.OneError, char.IsControl);
        Assert.DoesNotContain('\u202e', run.OneError);
    }

    [TerminalFact]
    public void Run_WrongUsageOnATerminal_IsWrappedAtItsBlanks()
    {
        var run = Bindwise.RunShell("script -qec 'stty cols 40; \"$B\" kill 8080' /dev/null", new() { ["TERM"] = "xterm" });
        Assert.Equal(2, run.ExitCode);
        Assert.Equal(
            "bindwise: there is no verb kill;\n  bindwise free 8080 ends what holds the\n  port, and asks before\n",
            run.Output.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("", "standard input is empty; paste the error text into it")]
    [InlineData(" \n\t ", "standard input is empty; paste the error text into it")]
    [InlineData("\u007fELF\u0002\0\0\0", "standard input is not text (it contains zero bytes); paste the error text into it")]
    public void Why_UselessStandardInput_IsOneLineAndTwo(string input, string error)
    {
        foreach (var line in new[] { new[] { "-" }, ["why", "-"] })
        {
            var run = Bindwise.RunWith(Encoding.UTF8.GetBytes(input), [], line);
            Assert.Equal(2, run.ExitCode);
            Assert.Equal("bindwise: " + error, run.OneError);
        }
    }

    [Fact]
    public void Why_EndlessStandardInput_IsOneLineAndTwo()
    {
        var run = Bindwise.RunWith(new byte[2 * 1024 * 1024], [], "-");
        Assert.Equal(2, run.ExitCode);
        Assert.Equal("bindwise: standard input is longer than 1 MiB; paste only the error: tail -n 50 FILE | bindwise why -", run.OneError);
    }

    [Fact]
    public void Why_RandomBytesOnStandardInput_IsOneLineAndTwo()
    {
        var random = new Random(7);
        for (var i = 0; i < 5; i++)
        {
            var bytes = new byte[500];
            random.NextBytes(bytes);
            var run = Bindwise.RunWith(bytes, [], "-");
            Assert.Equal(2, run.ExitCode);
            Assert.StartsWith("bindwise: ", run.OneError, StringComparison.Ordinal);
        }
    }

    [LinuxTheory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("iso-8859-1")]
    public void Why_PastedErrorInAnyEncoding_FindsTheAddress(string name)
    {
        using var snapshots = new Snapshots();
        const string Text = "äöü 2026-07-01 listen tcp 127.0.0.1:1002: bind: address already in use\r\n";
        var encoding = Encoding.GetEncoding(name);
        var run = Bindwise.RunWith([.. encoding.GetPreamble(), .. encoding.GetBytes(Text)], [], "-", "--quiet", "--snapshot", snapshots.File);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("127.0.0.1:1002/tcp is taken (EADDRINUSE)", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Run_AbstractSocketName_IsNoResponseFile()
    {
        using var snapshots = new Snapshots();
        var run = Bindwise.Run("@" + snapshots.File, "--snapshot", snapshots.File);
        Assert.StartsWith("bindwise: the snapshot does not hold @", run.OneError, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("127.0.0.1:1002")]
    [InlineData("--json 127.0.0.1:1002")]
    [InlineData("-q -- 127.0.0.1:1002")]
    public void Run_WithoutAVerb_MeansWhy(string line)
    {
        using var snapshots = new Snapshots();
        string[] arguments = [.. line.Split(' '), "--snapshot", snapshots.File];
        if (line.Contains("--", StringComparison.Ordinal))
            arguments = ["--snapshot", snapshots.File, .. line.Split(' ')];
        Assert.Equal(Bindwise.Run(["why", .. arguments]), Bindwise.Run(arguments));
    }

    [Theory]
    [InlineData("8080", "why 8080")]
    [InlineData("why 8080", "why 8080")]
    [InlineData("why", "why")]
    [InlineData("", "why")]
    [InlineData("--help 8080", "why --help 8080")]
    [InlineData("--json 8080", "why --json 8080")]
    [InlineData("http why", "why http why")]
    [InlineData("-", "why -")]
    public void Apply_Arguments_PutsTheVerbWhereNoneIs(string given, string meant) =>
        Assert.Equal(meant.Split(' '), VerbInsertion.Apply(given.Split(' ', StringSplitOptions.RemoveEmptyEntries), 0, ["why"]));

    [Fact]
    public void Apply_AfterWhatHoldsForAllVerbs_PutsTheVerbBehindIt()
    {
        Assert.Equal(["--color", "never", "why", "8080"], VerbInsertion.Apply(["--color", "never", "8080"], 2, ["why"]));
        Assert.Equal(["--color", "never", "why", "8080"], VerbInsertion.Apply(["--color", "never", "why", "8080"], 2, ["why"]));
    }
}
