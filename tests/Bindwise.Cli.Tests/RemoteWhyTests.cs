namespace Bindwise.Cli.Tests;

/// <summary><c>why HOST:PORT --via ssh</c>, with a program of that name on the PATH in place of the user's ssh.</summary>
public sealed class RemoteWhyTests : IDisposable
{
    private const string Diagnosis = """{"schema":"bindwise.diagnosis/1","verdict":"blocked"}""";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("bindwise-ssh-");

    public void Dispose() => _folder.Delete(recursive: true);

    [LinuxFact]
    public void Why_RemoteAnswer_NamesTheHostAndPassesTheCodeOn()
    {
        var run = Ask("""printf '%s\n' "$@" > "$0.words"; echo '8080/tcp is taken'; echo '  more'; exit 1""", "deploy@web1:8080", "--plain", "--unit", "a b");

        Assert.Equal((1, "deploy@web1: 8080/tcp is taken\n  more\n", ""), (run.ExitCode, run.Output, run.Errors));
        var words = File.ReadAllLines(Path.Combine(_folder.FullName, "ssh.words"));
        Assert.Equal(["--", "deploy@web1", "bindwise", "why", "8080", "--plain", "'--unit=a b'"], words[Array.IndexOf(words, "--")..]);
        Assert.Contains("BatchMode=yes", words);
    }

    [LinuxFact]
    public void Why_RemoteTextWithControls_IsEscapedOnBothStreams()
    {
        var run = Ask("""printf '53/udp is taken \033]0;owned\007\n'; printf 'bindwise: note \033[2J\n' >&2; exit 3""", "web1:53/udp");

        Assert.Equal((3, "web1: 53/udp is taken \\e]0;owned\\u{7}\n", "bindwise: web1: note \\e[2J"), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void Why_RemoteJson_IsPassedOnAsItIs()
    {
        var run = Ask($"echo '{Diagnosis}'; exit 1", "[2001:db8::1]:8080", "--json");

        Assert.Equal((1, Diagnosis + "\n", ""), (run.ExitCode, run.Output, run.Errors));
    }

    [Theory]
    [InlineData("echo 'Permission denied (publickey).' >&2; exit 255", "ssh to web1 failed (Permission denied (publickey).): try ssh web1 by hand")]
    [InlineData("echo 'sh: 1: bindwise: not found' >&2; exit 127",
        "web1 has no bindwise that its ssh session can run: install it there, in a folder of that session's PATH")]
    [InlineData("kill -9 $$", "bindwise on web1 ended with 137")]
    [InlineData("exit 0", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?")]
    [InlineData("exit 2", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?")]
    [InlineData("echo 'This account is currently not available.'; exit 1", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?")]
    [InlineData("echo 'Welcome to web1'; echo '8080/tcp is free: a server can listen on 0.0.0.0.'", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?", "--quiet")]
    [InlineData("echo '8080/udp is free: 0.0.0.0 can be bound.'", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?")]
    [InlineData("echo Welcome; echo '{\"schema\":\"bindwise.diagnosis/1\"}'", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?",
        "--json")]
    [InlineData("printf '%s\\n' '{\"schema\":\"\\ud800\"}'", "web1 gave no answer of bindwise: is its bindwise of this version, and does its shell print nothing else?", "--json")]
    [InlineData("head -c 3000000 /dev/zero | tr '\\0' x", "web1 answered with more than 1 MiB, which is no answer of bindwise")]
    public void Why_RemoteThatCannotAnswer_IsOneLineAndTwo(string script, string error, params string[] options)
    {
        if (!OperatingSystem.IsLinux())
            return;
        var run = Ask(script, ["web1:8080", .. options]);

        Assert.Equal((2, "", "bindwise: " + error), (run.ExitCode, run.Output, run.OneError));
    }

    [LinuxFact]
    public void Why_NoSsh_SaysWhatToInstall()
    {
        var run = Bindwise.RunWith([], new Dictionary<string, string> { ["PATH"] = _folder.FullName }, "why", "web1:8080", "--via", "ssh");

        Assert.Equal((2, "bindwise: --via ssh needs ssh, which is not on the PATH: install the OpenSSH client"), (run.ExitCode, run.OneError));
    }

    [LinuxFact]
    public void Why_HostThatIsAnOptionOrHasControls_NeverReachesSsh()
    {
        foreach (var host in (string[])["-oProxyCommand=touch x:80", "a b:80", "a\u001b[2J:80", "$(id):80", "a;b:80", "[-l]:80", "@a:80"])
        {
            var run = Ask("echo called > \"$0.called\"", "--", host);
            Assert.Equal(2, run.ExitCode);
            Assert.DoesNotContain('\u001b', run.OneError);
        }
        Assert.False(File.Exists(Path.Combine(_folder.FullName, "ssh.called")));
    }

    private Run Ask(string script, params string[] words)
    {
        var path = Path.Combine(_folder.FullName, "ssh");
        File.WriteAllText(path + ".txt", $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path + ".txt", (UnixFileMode)0b111_101_101);
        ProgramCopy.Make(path + ".txt", path);
        return Bindwise.RunWith([], new Dictionary<string, string> { ["PATH"] = _folder.FullName + ":/usr/bin:/bin" }, ["why", "--via", "ssh", .. words]);
    }
}
