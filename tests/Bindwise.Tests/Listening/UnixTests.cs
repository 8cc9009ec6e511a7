using System.Net.Sockets;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>UNIX sockets: a left-over file gives way, somebody's does not.</summary>
public sealed class UnixTests
{
    [IsolatedFact]
    public Task Path_ServesAndGoesWithItsListener() => Body.RunAsync(static async () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "app.sock");
        await using (var listener = Listener.Bind(ListenRequest.OnUnixSocket(path)))
        {
            Assert.Equal((0, path), (listener.Port, listener.Sockets[0].LocalEndPoint.ToString()));
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            using var accepted = await listener.AcceptAsync();
            _ = await client.SendAsync(new byte[] { 9 });
            var read = new byte[1];
            Assert.Equal(1, await accepted.ReceiveAsync(read));
            var taken = Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(path)));
            Assert.Equal(SocketError.AddressAlreadyInUse, taken.SocketErrorCode);
            Assert.Equal(Cause.UnixSocketListener, taken.Diagnosis!.Cause);
            Assert.Contains($"pid {Environment.ProcessId}", taken.Message, StringComparison.Ordinal);
            Assert.True(File.Exists(path));
        }
        Assert.False(File.Exists(path));
    });

    [IsolatedFact("python3")]
    public Task StaleFile_IsReplacedUnlessItMayNot() => Body.RunAsync(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "app.sock");
        LeaveFile(path);
        var kept = Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(path) with { ReplaceStaleUnixPath = false }));
        Assert.Equal(Cause.UnixSocketFile, kept.Diagnosis!.Cause);
        Assert.True(File.Exists(path));
        using (Listener.Bind(ListenRequest.OnUnixSocket(path)))
            Assert.True(File.Exists(path));
        Assert.False(File.Exists(path));

        File.WriteAllText(path, "precious");
        Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(path)));
        Assert.Equal("precious", File.ReadAllText(path));
        return Task.CompletedTask;
    });

    // The kernel follows "current" before it goes up.
    [IsolatedFact("python3")]
    public Task Path_ThatGoesUpFromASymbolicLink_IsThatOfTheKernel() => Body.RunAsync(static () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        Directory.CreateDirectory(folder + "/releases/7");
        Directory.CreateSymbolicLink(folder + "/current", folder + "/releases/7");
        var path = folder + "/current/../app.sock";
        LeaveFile(folder + "/releases/app.sock");
        using (Listener.Bind(ListenRequest.OnUnixSocket(path)))
            Assert.True(File.Exists(folder + "/releases/app.sock"));
        Assert.False(File.Exists(folder + "/releases/app.sock"));
        Assert.False(File.Exists(folder + "/app.sock"));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task FileOfABoundSocket_IsNeverReplaced() => Body.RunAsync(static () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        using var silent = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        silent.Bind(new UnixDomainSocketEndPoint(folder + "/silent"));
        Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(folder + "/silent")));
        using var datagrams = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        datagrams.Bind(new UnixDomainSocketEndPoint(folder + "/datagrams"));
        Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(folder + "/datagrams")));
        // A full backlog refuses nobody for good.
        using var full = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        full.Bind(new UnixDomainSocketEndPoint(folder + "/full"));
        full.Listen(0);
        using var first = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        first.Connect(new UnixDomainSocketEndPoint(folder + "/full"));
        Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(folder + "/full")));
        Assert.Equal(3, Directory.GetFiles(folder).Length);
        return Task.CompletedTask;
    });

    [IsolatedFact("python3")]
    public Task FileOfAnotherNetworkNamespace_IsNeverReplaced() => Body.RunAsync(static async () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "app.sock");
        // The socket table here does not show it: only connect() reaches there.
        const string Program = "import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.bind(sys.argv[1])\ns.listen()\nprint('bound',flush=True)\nsys.stdin.read()";
        using var other = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("unshare", ["--net", "python3", "-c", Program, path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
        Assert.Equal("bound", await other.StandardOutput.ReadLineAsync());
        Assert.Throws<BindException>(() => Listener.Bind(ListenRequest.OnUnixSocket(path)));
        Assert.True(File.Exists(path));
        other.StandardInput.Close();
        await other.WaitForExitAsync();
        using var listener = Listener.Bind(ListenRequest.OnUnixSocket(path));
    });

    [IsolatedFact("python3")]
    [Trait("Lane", "second")]
    public Task StaleFile_WantedByMany_IsReplacedOnce() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        for (var round = 0; round < 20; round++)
        {
            var path = $"{folder}/{round}";
            LeaveFile(path);
            using var start = new Barrier(8);
            var attempts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(
                () =>
                {
                    start.SignalAndWait();
                    try
                    {
                        return Listener.Bind(ListenRequest.OnUnixSocket(path) with { ExplainFailures = false });
                    }
                    catch (BindException)
                    {
                        return null;
                    }
                },
                CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
            using var winner = Assert.Single(attempts, static one => one is not null);
            using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            await client.ConnectAsync(new UnixDomainSocketEndPoint(path));
            using var accepted = await winner!.AcceptAsync();
        }
    });

    [IsolatedFact]
    public Task FileOfAnother_AtTheSamePath_IsLeftAlone() => Body.RunAsync(static () =>
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("bindwise-").FullName, "app.sock");
        var first = Listener.Bind(ListenRequest.OnUnixSocket(path));
        File.Delete(path);
        using var second = Listener.Bind(ListenRequest.OnUnixSocket(path));
        first.Dispose();
        Assert.True(File.Exists(path));
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task AbstractName_HasNoFile() => Body.RunAsync(static async () =>
    {
        using var listener = Listener.Bind(ListenRequest.OnUnixSocket("@bindwise-test"));
        Assert.Equal("@bindwise-test", listener.Sockets[0].LocalEndPoint.ToString());
        using var client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await client.ConnectAsync(new UnixDomainSocketEndPoint("\0bindwise-test"));
        using var accepted = await listener.AcceptAsync();
        Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnUnixSocket("@bindwise-test")));
        Assert.False(File.Exists("@bindwise-test"));
    });

    // .NET prints both with @.
    [Fact]
    public void EndPointOfAFileWhoseNameBeginsWithAt_IsNotAnAbstractName()
    {
        var (file, name) = (new UnixDomainSocketEndPoint("@file"), new UnixDomainSocketEndPoint("\0file"));
        Assert.Equal(("./@file", "@file"), (ListenRequest.On(file).UnixPath, ListenRequest.On(name).UnixPath));
        Assert.Equal(("./@file", "@file"), (PortQuery.Of(file).Target.Path, PortQuery.Of(name).Target.Path));
    }

    [IsolatedFact]
    public Task Folder_ThatIsNotThere_IsNamed() => Body.RunAsync(static () =>
    {
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnUnixSocket("/no/such/app.sock")));
        Assert.Contains("its folder does not exist", exception.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    // What a crash leaves: .NET removes the file of a socket that it bound itself, so another's descriptor does it.
    private static void LeaveFile(string path) => KernelOption.Run("python3", $"-c \"import socket;socket.socket(socket.AF_UNIX).bind('{path}')\"");
}
