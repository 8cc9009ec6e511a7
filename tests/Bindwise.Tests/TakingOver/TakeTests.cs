using IsolatedProcess;

namespace Bindwise.Tests.TakingOver;

/// <summary>Sockets passed by exec, as a service manager passes them.</summary>
[Trait("Lane", "second")]
public sealed class TakeTests
{
    [IsolatedFact]
    public Task Take_OfEveryKind_TellsNameNumberAddressAndWhetherItListens() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-take-");
        var told = await PassingParent.ExecAsync(
            $"tcp=127.0.0.1:8080 tcp=::1:8081 udp=127.0.0.1:5353 unix={folder}/s bound=127.0.0.1:8082",
            "LISTEN_FDS=5 LISTEN_PID=$$ LISTEN_FDNAMES=web::dns:control:later LISTEN_PIDFDID=12345",
            TakingBodies.Refusing);
        folder.Delete(recursive: true);
        Assert.Equal($"web|3|stream|127.0.0.1:8080|True\n|4|stream|[::1]:8081|True\ndns|5|udp|127.0.0.1:5353|False\ncontrol|6|stream|{folder}/s|True\nlater|7|stream|127.0.0.1:8082|False", told);
    });

    [IsolatedFact]
    public Task Take_WithoutNames_CallsThemUnknown() => Body.RunAsync(static async () => Assert.Equal(
        "unknown|3|stream|127.0.0.1:8080|True", await PassingParent.ExecAsync("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=$$", TakingBodies.Refusing)));

    [IsolatedFact]
    public Task Take_OfNothing_IsEmpty() => Body.RunAsync(static async () =>
    {
        Assert.Equal("", await PassingParent.ExecAsync("none", "OTHER=1", TakingBodies.Refusing));
        Assert.Equal("", await PassingParent.ExecAsync("none", "LISTEN_FDS=0 LISTEN_PID=$$", TakingBodies.Refusing));
        Assert.Equal("", await PassingParent.ExecAsync("none", "LISTEN_PID=1 LISTEN_FDNAMES=a:b", TakingBodies.Refusing));
    });

    [IsolatedFact]
    public Task Take_Again_IsEmptyAndTheVariablesAreGone() => Body.RunAsync(static async () => Assert.Equal(
        "1\n0\n", (await PassingParent.ExecAsync("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=a LISTEN_PIDFDID=7", TakingBodies.Twice)) + "\n"));

    [IsolatedFact]
    public Task Take_FromManyThreads_GivesThemToOne() => Body.RunAsync(static async () => Assert.Equal(
        "0,0,0,0,0,0,0,2", await PassingParent.ExecAsync("tcp=127.0.0.1:8080 tcp=127.0.0.1:8081", "LISTEN_FDS=2 LISTEN_PID=$$", TakingBodies.AtOnce)));

    [IsolatedFact]
    public Task Take_OfWhatIsPassedWrongly_SaysWhat() => Body.RunAsync(static async () =>
    {
        foreach (var (things, variables, expected) in new[]
        {
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=999999 LISTEN_PID=$$", "LISTEN_FDS is '999999', which is not a number from 0 to 1024"),
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=-1 LISTEN_PID=$$", "LISTEN_FDS is '-1'"),
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=1\u001b[2J LISTEN_PID=$$", "LISTEN_FDS is '1\\e[2J'"),
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=x", "LISTEN_PID is 'x', which is not a process id"),
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=99999999999", "LISTEN_PID is '99999999999', which is not a process id"),
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=a:b", "LISTEN_FDNAMES names 2 sockets, LISTEN_FDS says 1"),
            ("tcp=127.0.0.1:8080", "LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=a\u001b[2Jb", "LISTEN_FDNAMES has the name 'a\\e[2Jb'"),
            ("tcp=127.0.0.1:8080 none", "LISTEN_FDS=2 LISTEN_PID=$$", "descriptor 4, which "),
            ("file", "LISTEN_FDS=1 LISTEN_PID=$$", "descriptor 3, which is not a socket"),
            ("netlink", "LISTEN_FDS=1 LISTEN_PID=$$", "descriptor 3, which is a socket of a family other"),
        })
        {
            Assert.Contains(expected, await PassingParent.ExecAsync(things, variables, TakingBodies.Refusing), StringComparison.Ordinal);
        }
    });

    [IsolatedFact]
    public Task Children_OfWhoTook_InheritNone() => Body.RunAsync(static async () =>
    {
        const string Things = "tcp=127.0.0.1:8080 udp=127.0.0.1:8080";
        Assert.Equal("0\n0", await PassingParent.ExecAsync(Things, "LISTEN_FDS=2 LISTEN_PID=$$", TakingBodies.ThenChild));
        // Also those that were refused, and then ignored.
        Assert.Equal("refused\n0\n0", await PassingParent.ExecAsync(Things, "LISTEN_FDS=2 LISTEN_PID=1", TakingBodies.ThenChild));
        foreach (var wrong in new[] { "LISTEN_PID=x", "LISTEN_PID=$$ LISTEN_FDNAMES=a" })
            Assert.Equal("refused\n0\nrefused\n0", await PassingParent.ExecAsync(Things, "LISTEN_FDS=2 " + wrong, TakingBodies.ThenChild));
        // The measure can fail: nobody says that they are passed, and the child has both.
        Assert.Equal("2\n2", await PassingParent.ExecAsync(Things, "OTHER=1", TakingBodies.ThenChild));
    });

    [IsolatedFact]
    public Task Take_OfAUnixSocket_LeavesItsFileToWhoMadeIt() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-take-");
        var isThere = await PassingParent.ExecAsync($"unix={folder}/s", "LISTEN_FDS=1 LISTEN_PID=$$", TakingBodies.ClosingUnix);
        folder.Delete(recursive: true);
        Assert.Equal("True", isThere);
    });

    [Fact]
    public void Take_WithAPolicyThatIsNone_IsTheFrameworksOwnError() =>
        Assert.Throws<ArgumentOutOfRangeException>(static () => SocketActivation.Take((ListenPidMismatch)9));
}
