using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using Bindwise.Tests.TakingOver;

namespace Bindwise.Tests.HandingOver;

/// <summary>An instance of a server that hands over, as a process of its own. Only for use in a body that runs apart.</summary>
[SupportedOSPlatform("linux")]
internal sealed class Instance : IAsyncDisposable
{
    /// <summary>The path at which they meet, in a folder of this test's own.</summary>
    internal static readonly string DefaultPath = Path.Combine(MakeFolder(), "hand-over.sock");

    private const int LimitSeconds = 240;

    private static readonly Lazy<string> ZeroOne = new(Unpack);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();

    private Instance(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    internal int Id => _process.Id;

    internal string Text => string.Join('\n', _lines);

    /// <summary>Starts one.</summary>
    /// <param name="name">What it answers.</param>
    /// <param name="manner">What it does after its start: serves, or one of the faults of <see cref="ServeAsync()"/>.</param>
    /// <param name="endpoints">Where it listens.</param>
    /// <param name="path">Where the instances meet.</param>
    /// <param name="wrapper">A command that runs it.</param>
    /// <param name="variables">Further variables.</param>
    internal static Instance Start(string name, string manner = "serve", string endpoints = "127.0.0.1:8080", string? path = null, string[]? wrapper = null, params (string Name, string Value)[] variables)
    {
        string[] command = [.. wrapper ?? [], .. PassingParent.Program(ServeAsync)];
        return new Instance(WithVariables(new ProcessStartInfo(command[0], command[1..]), name, manner, endpoints, path ?? DefaultPath, variables));
    }

    /// <summary>Starts a server of the release 0.1 (ZeroOne/README.md), which has the manners serve and idle.</summary>
    internal static Instance StartZeroOne(string name, string manner = "serve") =>
        new(WithVariables(new ProcessStartInfo(Environment.ProcessPath!, ["exec", ZeroOne.Value]), name, manner, "127.0.0.1:8080", DefaultPath));

    /// <summary>Starts one of the release 0.1 and waits until it is ready.</summary>
    internal static async Task<Instance> ReadyZeroOneAsync(string name)
    {
        var instance = StartZeroOne(name);
        await instance.SaysAsync("ready");
        return instance;
    }

    /// <summary>Starts one and waits until it is ready.</summary>
    internal static async Task<Instance> ReadyAsync(string name, string manner = "serve", string endpoints = "127.0.0.1:8080", string? path = null, string[]? wrapper = null, params (string Name, string Value)[] variables)
    {
        var instance = Start(name, manner, endpoints, path, wrapper, variables);
        await instance.SaysAsync("ready");
        return instance;
    }

    /// <summary>Waits until it has printed that.</summary>
    internal async Task SaysAsync(string words)
    {
        for (var watch = Stopwatch.StartNew(); !Text.Contains(words, StringComparison.Ordinal); await Task.Delay(10))
        {
            if (_process.HasExited)
            {
                // All that it wrote is here once its pipes are at their end, which comes after its own.
                var code = await EndAsync();
                Assert.True(Text.Contains(words, StringComparison.Ordinal), $"it has ended with {code} and never said '{words}':\n{Text}");
                return;
            }
            Assert.True(watch.Elapsed.TotalSeconds < LimitSeconds, $"it has not said '{words}':\n{Text}");
        }
    }

    internal async Task<int> EndAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(LimitSeconds));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"it does not end:\n{Text}");
        }
        return _process.ExitCode;
    }

    /// <summary>Tells it to stop as a service manager does, so that it closes what it has.</summary>
    internal void Stop() => _process.StandardInput.Close();

    internal void Kill() => _process.Kill();

    /// <summary>Stops it in the middle (SIGSTOP), and waits until none of its threads runs.</summary>
    internal async Task FreezeAsync()
    {
        await SignalAsync("STOP");
        for (var watch = Stopwatch.StartNew(); !Directory.GetDirectories($"/proc/{Id}/task").All(static task => File.ReadAllText(task + "/stat").Contains(") T ", StringComparison.Ordinal)); await Task.Delay(10))
            Assert.True(watch.Elapsed.TotalSeconds < LimitSeconds, "it does not stop");
    }

    /// <summary>Lets it go on (SIGCONT).</summary>
    internal Task ThawAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("/bin/kill", ["-" + signal, Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private static ProcessStartInfo WithVariables(ProcessStartInfo start, string name, string manner, string endpoints, string path, params (string Name, string Value)[] variables)
    {
        (string, string)[] own = [("INSTANCE_NAME", name), ("INSTANCE_MANNER", manner), ("INSTANCE_ENDPOINTS", endpoints), ("INSTANCE_PATH", path)];
        foreach (var (variable, value) in own.Concat(variables))
            start.Environment[variable] = value;
        return start;
    }

    private static string Unpack()
    {
        var folder = Path.Combine(Path.GetDirectoryName(DefaultPath)!, "zero-one");
        ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "HandingOver", "ZeroOne", "zero-one.zip"), folder);
        return Path.Combine(folder, "OldInstance.dll");
    }

    private static string MakeFolder()
    {
        var folder = Directory.CreateTempSubdirectory("bindwise-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return folder;
    }

    private void Keep(string? line)
    {
        if (line is not null)
            _lines.Enqueue(line);
    }

    /// <summary>What the process does.</summary>
    internal static async Task ServeAsync()
    {
        var name = Environment.GetEnvironmentVariable("INSTANCE_NAME")!;
        var manner = Environment.GetEnvironmentVariable("INSTANCE_MANNER")!;
        ListenRequest[] requests = [.. Environment.GetEnvironmentVariable("INSTANCE_ENDPOINTS")!.Split(' ').Select(static one => one[0] is '/' or '@'
            ? ListenRequest.OnUnixSocket(one)
            : one.StartsWith("localhost:", StringComparison.Ordinal) ? ListenRequest.OnLocalhost(int.Parse(one[10..], CultureInfo.InvariantCulture))
            : ListenRequest.On(IPEndPoint.Parse(one)))];
        using var stopping = new CancellationTokenSource();
        _ = Task.Run(async () =>
        {
            // Ends when the test closes it.
            await Console.In.ReadToEndAsync();
            await stopping.CancelAsync();
        });
        var path = Environment.GetEnvironmentVariable("INSTANCE_PATH")!;
        var options = new HandOverOptions
        {
            Path = path.Length > 0 ? path : null,
            ReadyTimeout = TimeSpan.FromSeconds(manner.Contains("impatient", StringComparison.Ordinal) ? 30 : 300),
            WaitTimeout = TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("INSTANCE_WAIT") ?? "300", CultureInfo.InvariantCulture)),
            // A client that is held up is waited for.
            DrainTimeout = TimeSpan.FromMinutes(5),
            FailOnVersionMismatch = manner.Contains("strict", StringComparison.Ordinal),
            Versions = Environment.GetEnvironmentVariable("INSTANCE_VERSIONS") is { } versions
                ? new HandOverVersions(byte.Parse(versions.Split('-')[0], CultureInfo.InvariantCulture), byte.Parse(versions.Split('-')[^1], CultureInfo.InvariantCulture))
                : HandOverVersions.Own,
            UseDescriptorStore = manner.Contains("stored", StringComparison.Ordinal),
            OnAttemptFailed = static exception => Console.WriteLine("attempt failed: " + exception.Message),
        };
        ListenerHandOver handOver;
        try
        {
            handOver = await ListenerHandOver.StartAsync(requests, options);
        }
        catch (Exception exception) when (exception is HandOverException or BindException)
        {
            Console.WriteLine(exception.GetType().Name + ": " + exception.Message);
            return;
        }
        await using (handOver)
        {
            Console.WriteLine($"received {handOver.ReceivedSockets} from {handOver.Predecessor}, listens on {string.Join(' ', handOver.Listeners.Select(static one => one.Port))}");
            if (manner.Contains("idle", StringComparison.Ordinal))
                await Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            var serving = Task.WhenAll(handOver.Listeners.Select(one => ServeAsync(one, name)));
            if (manner.Contains("fail", StringComparison.Ordinal))
            {
                // It has accepted for a while when it finds that it cannot go on.
                await Task.Delay(100);
                Console.WriteLine("fails");
                await handOver.DisposeAsync();
                await serving;
                return;
            }
            if (manner.Contains("never", StringComparison.Ordinal) || manner.Contains("late", StringComparison.Ordinal))
                await Task.Delay(Timeout.Infinite, stopping.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            try
            {
                await handOver.ReadyAsync(manner.Contains("late", StringComparison.Ordinal) ? CancellationToken.None : stopping.Token);
            }
            catch (Exception exception) when (exception is HandOverException or OperationCanceledException)
            {
                Console.WriteLine(exception.GetType().Name + ": " + exception.Message);
                await handOver.DisposeAsync();
                await serving;
                return;
            }
            Console.WriteLine("ready");
            using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping.Token, handOver.HandedOver);
            await Task.Delay(Timeout.Infinite, either.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            if (!handOver.HandedOver.IsCancellationRequested)
            {
                await handOver.DisposeAsync();
                await serving;
                return;
            }
            Console.WriteLine($"handed over to {handOver.Successor}");
            await serving.WaitAsync(handOver.DrainExpired);
            Console.WriteLine("drained");
        }
    }

    private static async Task ServeAsync(BoundListener listener, string name)
    {
        var open = new List<Task>();
        while (true)
        {
            Socket connection;
            try
            {
                connection = await listener.AcceptAsync();
            }
            catch (ObjectDisposedException)
            {
                break;
            }
            open.RemoveAll(static one => one.IsCompleted);
            open.Add(AnswerAsync(connection, name));
        }
        await Task.WhenAll(open);
    }

    private static async Task AnswerAsync(Socket connection, string name)
    {
        using (connection)
        {
            var buffer = new byte[16];
            try
            {
                if (await connection.ReceiveAsync(buffer) == 0)
                    return;
                await connection.SendAsync(System.Text.Encoding.ASCII.GetBytes(name + "\n"));
                connection.Shutdown(SocketShutdown.Send);
                _ = await connection.ReceiveAsync(buffer);
            }
            catch (SocketException exception)
            {
                Console.WriteLine("connection: " + exception.SocketErrorCode);
            }
        }
    }
}
