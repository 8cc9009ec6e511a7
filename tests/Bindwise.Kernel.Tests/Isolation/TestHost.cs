using System.Diagnostics;
using System.Globalization;

namespace Bindwise.Kernel.Tests.Isolation;

/// <summary>
/// A network, process and mount namespace of a test's own (and a user namespace where asked), with loopback up. What runs
/// on it ends with its init, and its init ends with the test.
/// </summary>
internal sealed class TestHost : IAsyncDisposable
{
    /// <summary>nobody: a user without any right.</summary>
    public const int Nobody = 65534;

    /// <summary>Another user without any right.</summary>
    public const int Daemon = 1;

    // Ignoring SIGCHLD, which dash does not do at a trap, it collects orphans; reading its input, it ends with the test process.
    // On a busy machine a FIN may be sent again to a client that has closed, whose RST then ends the TIME_WAIT that the test is about, unless told not to.
    private const string Init = "ip link set lo up && echo 1 > /proc/sys/net/ipv4/tcp_rfc1337 && echo open && exec env --ignore-signal=CHLD cat";

    // What a namespace says counts for those that are made from it.
    private const string OwnUdpTable = "file=/proc/sys/net/ipv4/udp_child_hash_entries; if [ -e $file ]; then echo 128 > $file; fi; exec \"$@\"";

    private readonly Process _unshare;
    private readonly int _init;
    private readonly bool _ownUsers;
    private readonly List<TestProgram> _programs = [];

    private TestHost(Process unshare, int init, bool ownUsers)
    {
        _unshare = unshare;
        _init = init;
        _ownUsers = ownUsers;
        Folder = Directory.CreateTempSubdirectory("bindwise-host-").FullName;
        File.SetUnixFileMode(Folder, (UnixFileMode)0b111_111_111);
        Sockets = new SocketTable(init);
        Processes = new ProcessTable(init);
    }

    /// <summary>A folder of its own, open to every user, gone with the host.</summary>
    public string Folder { get; }

    /// <summary>Its sockets, read from outside.</summary>
    public SocketTable Sockets { get; }

    /// <summary>Its processes, read from outside.</summary>
    public ProcessTable Processes { get; }

    /// <summary>Opens a host.</summary>
    /// <param name="ownUsers">Root on it is no root outside.</param>
    /// <param name="ownUdpTable">
    /// No UDP socket of another network namespace is in its hash slots (net.ipv4.udp_child_hash_entries, since Linux 6.2).
    /// </param>
    public static async Task<TestHost> OpenAsync(bool ownUsers = false, bool ownUdpTable = false)
    {
        string[] users = ownUsers ? ["--user", "--map-root-user"] : [];
        string[] outer = ownUdpTable ? ["--net", "--", "/bin/sh", "-c", OwnUdpTable, "sh", "unshare"] : [];
        var start = Redirected("unshare", [.. outer, .. users, "--net", "--pid", "--fork", "--mount", "--mount-proc", "--kill-child", "--", "/bin/sh", "-c", Init]);
        var unshare = Process.Start(start) ?? throw new InvalidOperationException("unshare does not start");
        var word = await unshare.StandardOutput.ReadLineAsync().WaitAsync(Patience.OfAWait).ConfigureAwait(false);
        if (word != "open")
            throw new InvalidOperationException("no namespaces: " + await unshare.StandardError.ReadToEndAsync().ConfigureAwait(false));
        var children = await File.ReadAllTextAsync($"/proc/{unshare.Id}/task/{unshare.Id}/children").ConfigureAwait(false);
        return new TestHost(unshare, int.Parse(children.Trim(), CultureInfo.InvariantCulture), ownUsers);
    }

    /// <summary>Starts a script of Scripts/ and waits until its situation stands.</summary>
    public Task<TestProgram> StartScriptAsync(string script, string words) => StartScriptAsAsync(0, script, words);

    /// <summary>The same as another user.</summary>
    public async Task<TestProgram> StartScriptAsAsync(int user, string script, string words)
    {
        string[] command = ["python3", "-B", "-S", Programs.Script(script), .. words.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var program = Start(user, command);
        await program.ReadyAsync().ConfigureAwait(false);
        return program;
    }

    /// <summary>Starts any program.</summary>
    public TestProgram Start(int user, params string[] command)
    {
        // A process group of its own, as a shell gives every program.
        var process = Process.Start(Entering(user, ["setsid", .. command])) ?? throw new InvalidOperationException("nsenter does not start");
        var program = new TestProgram(process, string.Join(' ', command));
        _programs.Add(program);
        return program;
    }

    /// <summary>The program and its arguments that run another on the host, for who starts it in a way of its own.</summary>
    public (string Program, string[] Arguments) Command(params string[] command)
    {
        var start = Entering(0, command);
        return (start.FileName, [.. start.ArgumentList]);
    }

    /// <summary>Runs a program to its end, as root.</summary>
    public Task<Outcome> RunAsync(params string[] command) => RunAsAsync(0, null, command);

    /// <summary>The limit of a program that is run to its end.</summary>
    public TimeSpan Limit { get; set; } = Patience.OfAWait;

    /// <summary>Runs a program to its end, as another user, with text on its standard input.</summary>
    public async Task<Outcome> RunAsAsync(int user, string? input, params string[] command)
    {
        using var process = Process.Start(Entering(user, command)) ?? throw new InvalidOperationException("nsenter does not start");
        var line = string.Join(' ', command);
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            try
            {
                if (input is not null)
                    await process.StandardInput.WriteAsync(input.AsMemory(), limit.Token).ConfigureAwait(false);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                // It has ended before it read all.
            }
            using var output = new MemoryStream();
            var reading = process.StandardOutput.BaseStream.CopyToAsync(output, limit.Token);
            var error = await process.StandardError.ReadToEndAsync(limit.Token).ConfigureAwait(false);
            await reading.ConfigureAwait(false);
            await process.WaitForExitAsync(limit.Token).ConfigureAwait(false);
            return new Outcome(line, process.ExitCode, output.ToArray(), error);
        }
        catch (OperationCanceledException e)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{line} does not end", e);
        }
    }

    /// <summary>Runs a program of the set-up, which must succeed.</summary>
    public async Task SetUpAsync(string command)
    {
        var outcome = await RunAsync(command.Split(' ')).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    /// <summary>Sets a sysctl of the host's network.</summary>
    public Task SetAsync(string sysctl, string value) =>
        SetUpShellAsync($"echo '{value}' > /proc/sys/{sysctl.Replace('.', '/')}");

    /// <summary>Gives the host an /etc/hosts of its own.</summary>
    public async Task NameAsync(string hosts)
    {
        var file = Path.Combine(Folder, "hosts");
        await File.WriteAllTextAsync(file, hosts).ConfigureAwait(false);
        await SetUpAsync($"mount --bind {file} /etc/hosts").ConfigureAwait(false);
    }

    /// <summary>Sends a signal to a process, by the host's numbers.</summary>
    public Task SignalAsync(int pid, string signal) =>
        SetUpAsync(string.Create(CultureInfo.InvariantCulture, $"/bin/kill -{signal} {pid}"));

    /// <summary>The state letter of a process of the host; '-' when it is gone. Of status: stat waits for one that executes a file.</summary>
    public char StateOf(int pid) => StateIn($"/proc/{_init}/root/proc/{pid}");

    private static char StateIn(string folder)
    {
        try
        {
            return File.ReadLines(folder + "/status").FirstOrDefault(static line => line.StartsWith("State:\t", StringComparison.Ordinal)) is { } line ? line[7] : '-';
        }
        catch (IOException)
        {
            return '-';
        }
    }

    /// <summary>Waits until a process of the host is in a state.</summary>
    public Task UntilStateAsync(int pid, char state) => Patience.UntilAsync(() => StateOf(pid) == state, $"process {pid} in state {state}");

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // --kill-child: with unshare goes init, and with init every process of the host.
        _unshare.Kill();
        await _unshare.WaitForExitAsync().WaitAsync(Patience.OfAWait).ConfigureAwait(false);
        _unshare.Dispose();
        foreach (var program in _programs)
            await program.DisposeAsync().ConfigureAwait(false);
        // Init ends after all others, which may write to the folder until then.
        await Patience.UntilAsync(() => StateIn($"/proc/{_init}") is '-' or 'Z', "the end of the host").ConfigureAwait(false);
        Directory.Delete(Folder, recursive: true);
    }

    /// <summary>Runs a line of a shell as root, which has to succeed.</summary>
    public async Task SetUpShellAsync(string script)
    {
        var outcome = await RunAsync("/bin/sh", "-c", script).ConfigureAwait(false);
        Assert.True(outcome.ExitCode == 0, outcome.ToString());
    }

    private ProcessStartInfo Entering(int user, string[] command)
    {
        var id = user.ToString(CultureInfo.InvariantCulture);
        string[] users = _ownUsers ? ["--user", "--setuid", "0", "--setgid", "0"] : [];
        string[] drop = user == 0 ? [] : ["setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--"];
        string[] whole = ["--target", _init.ToString(CultureInfo.InvariantCulture), .. users, "--net", "--pid", "--mount", "--", .. drop, .. command];
        var start = Redirected("nsenter", whole);
        start.Environment["HOME"] = start.Environment["TMPDIR"] = Folder;
        return start;
    }

    private static ProcessStartInfo Redirected(string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        // A .NET program would otherwise leave a diagnostics socket in /tmp; and the caller's settings must not colour output.
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        start.Environment["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        start.Environment["LC_ALL"] = "C";
        start.Environment.Remove("NO_COLOR");
        start.Environment.Remove("COLUMNS");
        return start;
    }
}
