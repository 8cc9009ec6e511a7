using System.Diagnostics;
using System.Globalization;

namespace Bindwise.Linux.Tests.Processes;

/// <summary>
/// A Python program that plays a process of the situation under test. It says one line when all stands, waits until its standard input is
/// closed, and ends by itself then, its children too, so that nothing needs to be killed.
/// </summary>
internal sealed class PythonProcess : IDisposable
{
    private const string Prologue = """
        import ctypes, os, resource, signal, socket, sys, threading, time
        libc = ctypes.CDLL(None, use_errno=True)
        def inode(holder): return os.fstat(holder if isinstance(holder, int) else holder.fileno()).st_ino
        def say(*values): print(*values, flush=True)
        def wait_for_end():
            while os.read(0, 1): pass
        def end_with_parent(): libc.prctl(1, 9)

        """;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process _process;

    private PythonProcess(Process process, string[] said)
    {
        _process = process;
        Said = said;
    }

    /// <summary>The interpreter; null when there is none.</summary>
    internal static string? Interpreter { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists);

    /// <summary>The process id. It is the interpreter's own: nothing stands between.</summary>
    internal int Id => _process.Id;

    /// <summary>The words of the line it said.</summary>
    internal string[] Said { get; }

    /// <summary>One of the words, as a number.</summary>
    internal int Number(int index) => int.Parse(Said[index], CultureInfo.InvariantCulture);

    /// <summary>One of the words, as a socket's inode.</summary>
    internal ulong Inode(int index = 0) => ulong.Parse(Said[index], CultureInfo.InvariantCulture);

    /// <summary>Holds one socket and tells its inode.</summary>
    internal static PythonProcess WithASocket() => Start("""
        a = socket.socket()
        say(inode(a))
        wait_for_end()
        """);

    /// <summary>Processes that come and go by the thousand until it ends.</summary>
    internal static PythonProcess ComingAndGoing() => Start("""
        os.set_blocking(0, False)
        def ended():
            try: return os.read(0, 1) == b''
            except BlockingIOError: return False
        said = False
        while not ended():
            for _ in range(50):
                if os.fork() == 0: os._exit(0)
            for _ in range(50): os.wait()
            if not said: say('ready')
            said = True
        """);

    /// <summary>Starts a program and waits for its line.</summary>
    internal static PythonProcess Start(string program, params string[] arguments) => StartAs(RealInterpreter.Value, ["-c", Prologue + program, .. arguments]);

    /// <summary>The interpreter itself, after whatever wrapper the PATH leads to.</summary>
    internal static Lazy<string> RealInterpreter { get; } = new(() =>
    {
        using var python = StartAs(Interpreter!, ["-c", "import os, sys; print(os.path.realpath(sys.executable), flush=True); sys.stdin.read()"]);
        return python.Said[0];
    });

    private static PythonProcess StartAs(string command, string[] arguments)
    {
        var start = new ProcessStartInfo(command, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false };
        var process = Process.Start(start)!;
        var line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(Patience) || line.Result is null)
        {
            process.Kill(entireProcessTree: true);
            process.Dispose();
            throw new InvalidOperationException("The process said nothing: " + string.Join(' ', arguments));
        }

        return new PythonProcess(process, line.Result.Split(' '));
    }

    /// <summary>Gives it a line on its standard input, and waits for what it says to that.</summary>
    internal string Answer(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
        var said = _process.StandardOutput.ReadLineAsync();
        Assert.True(said.Wait(Patience), "The process said nothing more.");
        return said.Result ?? "";
    }

    /// <summary>Ends it, as closing its standard input does, and tells its exit code.</summary>
    internal int End()
    {
        _process.StandardInput.Close();
        Assert.True(_process.WaitForExit(Patience), "The process does not end.");
        return _process.ExitCode;
    }

    public void Dispose()
    {
        _process.StandardInput.Close();
        if (!_process.WaitForExit(Patience))
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
