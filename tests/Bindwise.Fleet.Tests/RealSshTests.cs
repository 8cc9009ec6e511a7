using System.Diagnostics;

namespace Bindwise.Fleet.Tests;

/// <summary><c>why HOST:PORT --via ssh</c> through OpenSSH's own ssh and sshd.</summary>
[Trait("Lane", "second")]
public class RealSshTests
{
    // The user's ssh configuration is that of the passwd entry's home: in the body's mounts that is an empty one.
    private const string SetUp = """
        set -e
        home=$(getent passwd root | cut -d: -f6); mkdir -p $home/.ssh /run/sshd; mount -t tmpfs none $home/.ssh; cd $home/.ssh
        ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f id; cp id.pub authorized_keys
        printf 'Port 2222\nListenAddress 127.0.0.1\nHostKey %s/host\nAuthorizedKeysFile %s/authorized_keys\nPidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nSetEnv PATH=%s:/usr/bin:/bin\n' \
          $PWD $PWD "$1" > sshd_config
        printf 'Host web1\n  HostName 127.0.0.1\n  Port 2222\n  IdentityFile %s/id\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n' $PWD > config
        $(command -v sshd || echo /usr/sbin/sshd) -f $PWD/sshd_config
        until ss -Hltn 'sport = :2222' | grep -q .; do sleep 0.05; done
        """;

    [IsolatedFact("ssh", "sshd", "ssh-keygen", "ss", "python3")]
    public Task Why_ThroughSshd_AnswersFromThere() =>
        Body.RunAsync(static async program =>
        {
            using (var set = Process.Start(new ProcessStartInfo("sh", ["-c", SetUp, "sh", Path.GetDirectoryName(program)!]) { RedirectStandardError = true })!)
            {
                // sshd goes to the background, and keeps what it inherited.
                await set.WaitForExitAsync();
                Assert.Equal(0, set.ExitCode);
            }
            using var holder = Process.Start(new ProcessStartInfo("python3", ["-c", "import socket, sys; s = socket.create_server(('', 8080)); print(1, flush=True); sys.stdin.read()"])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            await holder.StandardOutput.ReadLineAsync();

            var taken = await AskAsync(program, "web1:8080");
            Assert.Equal((1, ""), (taken.Code, taken.Errors));
            Assert.StartsWith("web1: 8080/tcp is taken (EADDRINUSE): python3", taken.Output, StringComparison.Ordinal);
            var json = await AskAsync(program, "web1:8080", "--json");
            Assert.Equal(1, json.Code);
            Assert.StartsWith("{\"schema\":\"bindwise.diagnosis/1\"", json.Output, StringComparison.Ordinal);
            Assert.Equal(0, (await AskAsync(program, "root@web1:8081")).Code);
            var unreached = await AskAsync(program, "127.0.0.1:8080");
            Assert.Equal((2, ""), (unreached.Code, unreached.Output));
            Assert.StartsWith("bindwise: ssh to 127.0.0.1 failed (", unreached.Errors, StringComparison.Ordinal);
            holder.Kill();
        }, ProgramUnderTest.Path);

    private static async Task<(int Code, string Output, string Errors)> AskAsync(string program, params string[] words)
    {
        using var process = Process.Start(new ProcessStartInfo(program, ["why", "--via", "ssh", .. words])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
