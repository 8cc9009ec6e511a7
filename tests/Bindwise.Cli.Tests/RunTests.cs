namespace Bindwise.Cli.Tests;

public class RunTests
{
    private const string Hint = " (see: bindwise run --help)";

    [LinuxTheory]
    [InlineData("", "no command given: name one, as in: bindwise run -- python3 -m http.server 8080")]
    [InlineData("--", "no command given: name one, as in: bindwise run -- python3 -m http.server 8080")]
    [InlineData("--wait=soon true", "--wait soon is not a time: give 500ms, 10s, 2m or 1h")]
    [InlineData("--wait=0 true", "--wait 0 is not a time: give 500ms, 10s, 2m or 1h")]
    [InlineData("--port 8080 true", "--port 8080 is not a move: give OLD=NEW with ports from 1 to 65535, as in --port 8080=9090, or --port 8080=auto")]
    [InlineData("--port 0=auto true", "--port 0=auto is not a move: give OLD=NEW with ports from 1 to 65535, as in --port 8080=9090, or --port 8080=auto")]
    [InlineData("--port 1=2 --port 1=3 true", "--port 1 was given more than once")]
    [InlineData("--wait= -- true", "--wait needs a value: --wait TIME")]
    [InlineData("--port", "--port needs a value: --port OLD=NEW")]
    [InlineData("--address ::=0.0.0.0 true", "--address ::=0.0.0.0 is not a move: give OLD=NEW with two IPv4 or two IPv6 addresses, as in --address 0.0.0.0=127.0.0.1")]
    [InlineData("--address [::]=::1 --address ::=::2 true", "--address :: was given more than once")]
    [InlineData("--report - true", "--report needs a file, and - is none; a file of that name is ./-")]
    [InlineData("--restart=always true", "--restart needs --hold: it is about restarts")]
    [InlineData("--overlap true", "--overlap needs --hold: it is about restarts")]
    [InlineData("--hold --restart=sometimes true", "--restart sometimes is not a policy: give always, on-failure or never")]
    [InlineData("--hold --stop-timeout=0 true", "--stop-timeout 0 is not a time: give 500ms, 10s, 2m or 1h")]
    [InlineData("--hold", "no command given: name one, as in: bindwise run -- python3 -m http.server 8080")]
    [InlineData("--adress ::=::1 -- true", "unknown option --adress; did you mean --address?")]
    public void Run_WrongUsage_IsOneLineAndTwo(string line, string error)
    {
        var run = Bindwise.Run(["run", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.Equal("bindwise: " + error + Hint, run.OneError);
    }

    [LinuxTheory]
    [InlineData("run", "the command is empty: name one, as in: bindwise run -- python3 -m http.server 8080")]
    [InlineData("audit", "the command is empty: name one, as in: bindwise audit -- python3 -m http.server 8080")]
    [InlineData("pick", "the command after -- is empty: leave it out, or name one, as in: bindwise pick -- npm start")]
    [InlineData("wait 8080", "the command after -- is empty: leave it out, or name one, as in: bindwise wait 8080 -- npm start")]
    public void Command_ThatIsEmpty_IsWrongUsage(string line, string error)
    {
        var run = Bindwise.Run([.. line.Split(' '), "--", ""]);
        Assert.Equal((2, ""), (run.ExitCode, run.Output));
        Assert.StartsWith($"bindwise: {error} (see: ", run.OneError, StringComparison.Ordinal);
    }

    [LinuxTheory]
    [InlineData("echo --port 1 -- --help", "--port 1 -- --help")]
    [InlineData("-- echo --wait", "--wait")]
    [InlineData("--wait echo 5s", "5s")]
    [InlineData("--port 8080=9090 echo", "")]
    [InlineData("--address [::]=[::1] echo", "")]
    [InlineData("--color never --no-reuse-address echo -- a", "-- a")]
    [InlineData("--hold --restart never echo --restart always", "--restart always")]
    public void Run_WhatFollowsTheCommand_IsItsOwn(string line, string output)
    {
        var run = Bindwise.Run(["run", .. line.Split(' ')]);
        Assert.Equal((0, output + "\n"), (run.ExitCode, run.Output));
    }
}
