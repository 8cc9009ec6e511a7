using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Bindwise.Linux.Native;
using IsolatedProcess;

namespace Bindwise.Tests.Listening;

/// <summary>A failure says why, and is what existing handlers expect.</summary>
[SupportedOSPlatform("linux")]
public sealed class FailureTests
{
    [IsolatedFact]
    public Task Holder_OfAnotherName_IsEscaped() => Body.RunAsync(static async () =>
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        var program = Path.Combine(folder, "evil\u001b[31m\u202e");
        File.Copy("/bin/sh", program);
        // The program inherits the listener, so it holds the port beside this process.
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 8080));
        holder.Listen();
        Assert.Equal(Errno.None, CloseOnExecCall.Clear(holder.SafeHandle));
        using var child = Process.Start(new ProcessStartInfo(program, ["-c", "echo ready; read x"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        try
        {
            Assert.Equal("ready", await child.StandardOutput.ReadLineAsync());
            var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080)));
            Assert.DoesNotContain('\u001b', exception.Message);
            Assert.DoesNotContain('\u202e', exception.Message);
            Assert.Contains($"pid {Environment.ProcessId}", exception.Message, StringComparison.Ordinal);
            Assert.Contains("evil", exception.Message, StringComparison.Ordinal);
            Assert.Contains($"{child.Id}", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            child.Kill();
            Directory.Delete(folder, recursive: true);
        }
    });

    // What holds the port is written in another language; what is to be changed is a request of this library, or .NET's own listener.
    [IsolatedFact("python3")]
    public Task AdviceForTheOwnSocket_IsInItsWords() => Body.RunAsync(static async () =>
    {
        using var holder = Process.Start(new ProcessStartInfo("python3", ["-c", "import socket; s = socket.socket(); s.bind(('127.0.0.1', 8080)); s.listen(); print('ready', flush=True); input()"]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        Assert.Equal("ready", await holder.StandardOutput.ReadLineAsync());
        var request = ListenRequest.On(IPAddress.IPv6Any, 8080) with { Settings = new SocketSettings { V6Only = false } };
        Assert.Equal((Runtime.DotNet, "request = request with { Settings = request.Settings with { V6Only = true } };"), AdviceIn(() => Listener.Bind(request)));
        using (Listener.Bind(request with { Settings = request.Settings with { V6Only = true } }))
            Assert.Equal(8080, request.Port.Single);
        using var dual = TcpListener.Create(8080);
        Assert.Equal((Runtime.DotNet, "socket.DualMode = false;"), AdviceIn(() => dual.StartOrExplain()));
        holder.Kill();

        static (Runtime?, string?) AdviceIn(Action bind)
        {
            var remedy = Assert.Throws<BindException>(bind).Diagnosis!.Remedies.Single(static one => one.Id == "set-v6-only-here");
            return (remedy.Language, remedy.Command);
        }
    });

    [IsolatedFact]
    public Task Codes_AreThoseOfDotNetsOwn() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080) with { Transports = Transports.TcpAndUdp });
        foreach (var (address, transport) in ((IPAddress, Transports)[])[(IPAddress.Loopback, Transports.Tcp), (IPAddress.Loopback, Transports.Udp), (IPAddress.Parse("192.0.2.1"), Transports.Tcp), (IPAddress.Parse("2001:db8::9"), Transports.Udp)])
        {
            using var plain = transport == Transports.Tcp
                ? new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            Action bind = () => plain.Bind(new IPEndPoint(address, 8080));
            var theirs = Assert.Throws<SocketException>(bind);
            Action ask = () => Listener.Bind(ListenRequest.On(address, 8080) with { Transports = transport });
            var ours = Assert.Throws<BindException>(ask);
            Assert.Equal((theirs.SocketErrorCode, theirs.NativeErrorCode, theirs.ErrorCode), (ours.SocketErrorCode, ours.NativeErrorCode, ours.ErrorCode));
            Assert.Equal(Verdict.Blocked, ours.Diagnosis!.Verdict);
        }
        return Task.CompletedTask;
    });

    [IsolatedTheory]
    [InlineData("192.0.2.7")]
    [InlineData("2001:db8::7")]
    public Task Freebind_OnAPortThatIsTaken_NamesTheHolder_AndIsNotWaitedForAsAnAddress(string foreign) => Body.RunAsync(static foreign =>
    {
        var request = ListenRequest.On(IPAddress.Parse(foreign), 8080) with { Settings = new SocketSettings { Freebind = true } };
        using var holder = Listener.Bind(request);
        Assert.True(holder.Sockets[0].InEffect.Freebind);
        var exception = Assert.Throws<BindException>(() => Listener.Bind(request with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60)) }));
        Assert.Equal((Cause.Listener, 1), (exception.Diagnosis!.Cause, exception.Attempts));
        Assert.Contains($"pid {Environment.ProcessId}) listens on {request.Addresses[0]}", exception.Message.Replace("[", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var question = PortQuery.Of(new IPEndPoint(IPAddress.Parse(foreign), 8081));
        Assert.Equal(Cause.AddressNotLocal, PortDiagnostics.Diagnose(question).Cause);
        Assert.Equal(Verdict.Free, PortDiagnostics.Diagnose(question with { Options = new() { Freebind = true } }).Verdict);
        return Task.CompletedTask;
    }, foreign);

    [IsolatedFact("mount")]
    public Task Refusal_ByAFileSystemWithoutAnInodeLeft_NamesIt_AndIsNotWaitedFor() => Body.RunAsync(static () =>
    {
        KernelOption.Run("mount", "-t tmpfs -o nr_inodes=1 none /mnt");
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnUnixSocket("/mnt/x.sock") with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.All) }));
        Assert.StartsWith("/mnt/x.sock cannot be bound (ENOSPC): its folder is on a file system that has no inode left", exception.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [IsolatedFact("mount")]
    public Task Refusal_ThatNothingExplains_IsNotSaidToBeOver_NorWaitedFor() => Body.RunAsync(static () =>
    {
        KernelOption.Run("mount", "-t tmpfs none /mnt");
        // What a security module says of a new file cannot be asked without making it: LANDLOCK_ACCESS_FS_MAKE_SOCK (landlock(7)), of this thread.
        var handled = GCHandle.Alloc(1UL << 9, GCHandleType.Pinned);
        var ruleset = LibC.Syscall(SystemCallNumber.LandlockCreateRuleset, handled.AddrOfPinnedObject(), sizeof(ulong));
        handled.Free();
        Assert.True(ruleset >= 0);
        Assert.Equal(0, LibC.Syscall(SystemCallNumber.LandlockRestrictSelf, ruleset));
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnUnixSocket("/mnt/x.sock") with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.All) }));
        Assert.Equal("/mnt/x.sock cannot be bound (EACCES, from bind()), but nothing found explains it.", exception.Message);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Refusal_ByAFileSystemWithoutSockets_NamesIt() => Body.RunAsync(static () =>
    {
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.OnUnixSocket("/proc/x.sock") with { Retry = BindRetryOptions.For(TimeSpan.FromSeconds(60), BindRetryReasons.All) }));
        Assert.StartsWith("/proc/x.sock cannot be bound (ENOENT): its folder is on a", exception.Message, StringComparison.Ordinal);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task Explanation_NotAskedFor_IsNotMade() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        var exception = Assert.Throws<BindException>(static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080) with { ExplainFailures = false }));
        Assert.Null(exception.Diagnosis);
        Assert.Equal("127.0.0.1:8080/tcp is taken (EADDRINUSE, from bind()).", exception.Message);
        return Task.CompletedTask;
    });

    [IsolatedFact("prlimit")]
    public Task Descriptors_UsedUp_AreTheError() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        Action bind = static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        Action both = static () => Listener.Bind(ListenRequest.On(IPAddress.IPv6Any, 8081) with { Addresses = [IPAddress.IPv6Any, IPAddress.Any] });
        // Everything that a failure needs is loaded by now.
        Assert.IsType<BindException>(Record.Exception(bind));
        Assert.IsType<ArgumentException>(Record.Exception(both));
        KernelOption.Run("prlimit", $"--pid {Environment.ProcessId} --nofile=512:4096");
        var files = new List<FileStream>();
        Assert.ThrowsAny<IOException>(() =>
        {
            while (files.Count < 1024)
                files.Add(new FileStream("/dev/null", FileMode.Open));
        });
        var none = Record.Exception(bind);
        var noneForBoth = Record.Exception(both);
        Action open = static () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp).Dispose();
        var theirs = (SocketException?)Record.Exception(open);
        files[0].Dispose();
        var one = Record.Exception(bind);
        files.ForEach(static file => file.Dispose());
        var ours = Assert.IsType<BindException>(none);
        Assert.Equal(SocketError.TooManyOpenSockets, ours.SocketErrorCode);
        Assert.Equal(SocketError.TooManyOpenSockets, Assert.IsType<BindException>(noneForBoth).SocketErrorCode);
        Assert.Equal((theirs!.SocketErrorCode, theirs.NativeErrorCode), (ours.SocketErrorCode, ours.NativeErrorCode));
        Assert.Contains("cannot be bound (EMFILE, from socket()); this process may open no more files: raise its limit (ulimit -n).", ours.Message, StringComparison.Ordinal);
        // The last descriptor was enough to be refused by bind(), and not to look into it.
        Assert.Equal(SocketError.AddressAlreadyInUse, Assert.IsType<BindException>(one).SocketErrorCode);
        return Task.CompletedTask;
    });

    // What a failed load leaves behind stays: an assembly that cannot be opened once is not found any more.
    [IsolatedFact("prlimit")]
    public Task Descriptors_UsedUpBeforeAnyDiagnosis_AreNoEndOfAllDiagnoses() => Body.RunAsync(static () =>
    {
        using var holder = Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        using var connector = new OutgoingConnector();
        DiagnosisAssemblies.Load();
        // What the test itself needs is loaded too.
        Assert.Null(Record.Exception(static () => { }));
        KernelOption.Run("prlimit", $"--pid {Environment.ProcessId} --nofile=512:4096");
        var files = new List<FileStream>();
        Assert.ThrowsAny<IOException>(() =>
        {
            while (files.Count < 1024)
                files.Add(new FileStream("/dev/null", FileMode.Open));
        });
        Action bind = static () => Listener.Bind(ListenRequest.On(IPAddress.Loopback, 8080));
        Action ask = static () => PortDiagnostics.Diagnose(PortQuery.Of(8080) with { MayProbe = false });
        Action count = static () => PortDiagnostics.ReadUsage();
        var (refused, unanswered, uncounted) = (Record.Exception(bind), Record.Exception(ask), Record.Exception(count));
        files.ForEach(static file => file.Dispose());
        Assert.Equal(SocketError.TooManyOpenSockets, Assert.IsType<BindException>(refused).SocketErrorCode);
        Assert.Contains("(sock_diag: EMFILE)", Assert.IsType<PortQueryException>(unanswered).Message, StringComparison.Ordinal);
        Assert.IsType<PortQueryException>(uncounted);
        Assert.NotNull(Assert.IsType<BindException>(Record.Exception(bind)).Diagnosis);
        Assert.Equal(Verdict.Blocked, PortDiagnostics.Diagnose(PortQuery.Of(8080) with { MayProbe = false }).Verdict);
        return Task.CompletedTask;
    });

    [IsolatedFact]
    public Task TimeWait_FailsAtOnce_AndTellsWhenItEnds() => Body.RunAsync(static async () =>
    {
        var before = DateTimeOffset.UtcNow;
        await Situation.LeaveTimeWaitAsync(8080);
        var after = DateTimeOffset.UtcNow;
        var strict = ListenRequest.On(IPAddress.Loopback, 8080) with { Settings = new SocketSettings { ReuseAddress = false }, Retry = BindRetryOptions.For(TimeSpan.FromSeconds(1)) };
        // It has longer to go, however late this is asked, than whoever asks would wait.
        var exception = await Assert.ThrowsAsync<BindException>(async () => await Listener.BindAsync(strict));
        Assert.Equal(Cause.TimeWait, exception.Diagnosis!.Cause);
        // 60 s after it began, and up to an eighth later.
        Assert.InRange(exception.Diagnosis.FreeAt!.Value, before.AddSeconds(59), after.AddSeconds(68));
        Assert.DoesNotContain("Tried", exception.Message, StringComparison.Ordinal);
        // As servers bind, it is not in the way.
        using var listener = Listener.Bind(strict with { Settings = SocketSettings.Default, Retry = BindRetryOptions.None });
    });

    [IsolatedFact]
    public Task StartOrExplain_NamesTheHolder() => Body.RunAsync(static async () =>
    {
        var first = new TcpListener(IPAddress.Loopback, 8080);
        first.StartOrExplain();
        using var client = new TcpClient("127.0.0.1", 8080);
        using var accepted = await first.AcceptTcpClientAsync();
        var second = TcpListener.Create(8080);
        var exception = Assert.Throws<BindException>(() => second.StartOrExplain());
        Assert.Equal((SocketError.AddressAlreadyInUse, 98), (exception.SocketErrorCode, exception.NativeErrorCode));
        Assert.Null(exception.Request);
        Assert.Equal(Cause.Listener, exception.Diagnosis!.Cause);
        Assert.Contains("listens on 127.0.0.1:8080", exception.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => second.StartOrExplain(0));
        Assert.Throws<ArgumentNullException>(static () => TcpListenerExtensions.StartOrExplain(null!));
        first.Stop();
        // Two that share their port by SO_REUSEPORT, as .NET's ReuseAddress does, are not in each other's way; a third without it is refused.
        var shared = new TcpListener(IPAddress.Loopback, 9090);
#pragma warning disable BWC001 // Two that share their port are the situation.
        shared.Server.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
#pragma warning restore BWC001
        shared.StartOrExplain();
        var third = new TcpListener(IPAddress.Loopback, 9090);
        Action start = () => third.StartOrExplain();
        var refused = Assert.Throws<BindException>(start);
        Assert.Equal((Verdict.Blocked, Cause.Listener), (refused.Diagnosis!.Verdict, refused.Diagnosis.Cause));
        shared.Stop();
        second.StartOrExplain();
        second.Stop();
    });
}
