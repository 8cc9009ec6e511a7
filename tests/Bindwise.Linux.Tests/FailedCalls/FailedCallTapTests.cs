using System.Diagnostics;
using System.Text;
using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Processes;
using Bindwise.Linux.Tests.Processes.TaskFiles;

namespace Bindwise.Linux.Tests.FailedCalls;

/// <summary>The program in the kernel, with real programs whose calls fail.</summary>
public sealed class FailedCallTapTests
{
    private static readonly TimeSpan Generous = TimeSpan.FromSeconds(60);

    [TaskFileFact]
    public void TryRead_AfterABindThatFailed_HasItsFacts()
    {
        using var tap = Open();
        var (pid, port) = Fail("a = socket.socket(); a.bind(('127.0.0.1', 0)); a.listen(); s = socket.socket(); "
            + "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)\n"
            + "print(a.getsockname()[1])\ntry: s.bind(('127.0.0.1', a.getsockname()[1]))\nexcept OSError: pass");

        var record = WaitFor(tap, one => one.ProcessId == pid);
        Assert.Equal((uint)Errno.EADDRINUSE, record.Errno);
        Assert.Equal(0u, record.Call);
        Assert.Equal(16u, record.AddressLength);
        Assert.Equal(port, (record.Address[2] << 8) | record.Address[3]);
        Assert.Equal((byte)127, record.Address[4]);
        Assert.Equal(2, record.Family);
        Assert.Equal(1, record.SocketType);
        Assert.Equal(6, record.Protocol);
        var (reuseAddress, reusePort, _) = FailedCallLayout.OfThisKernel()!.FlagBits;
        Assert.Equal(0, record.Flags & reuseAddress);
        Assert.NotEqual(0, record.Flags & reusePort);
        Assert.StartsWith("python3", Encoding.ASCII.GetString(record.Name), StringComparison.Ordinal);
    }

    [TaskFileFact]
    public void TakeCount_OfAStorm_HasEveryCall()
    {
        const int calls = 20_000;
        using var tap = Open();
        var (pid, _) = Fail($"""
            a = socket.socket(); a.bind(('127.0.0.1', 0)); a.listen(); s = socket.socket()
            print(a.getsockname()[1])
            for i in range({calls}):
                try: s.bind(('127.0.0.1', a.getsockname()[1]))
                except OSError: pass
            """);

        var record = WaitFor(tap, one => one.ProcessId == pid);
        Assert.Equal(calls - 1, (long)tap.TakeCount(FailedCallKey.Of(record)).More);
        Assert.Equal(0, (long)tap.TakeCount(FailedCallKey.Of(record)).More);
    }

    private static FailedCallTap Open()
    {
        var tap = FailedCallTap.TryOpen(out var obstacle);
        Assert.Null(obstacle);
        return tap!;
    }

    private static (int Process, int Port) Fail(string code)
    {
        using var process = Process.Start(new ProcessStartInfo(PythonProcess.Interpreter!, ["-c", "import socket\n" + code])
        {
            RedirectStandardOutput = true,
        })!;
        var told = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return (process.Id, int.Parse(told, System.Globalization.CultureInfo.InvariantCulture));
    }

    private static FailedCallRecord WaitFor(FailedCallTap tap, Func<FailedCallRecord, bool> isWanted)
    {
        for (var waited = Stopwatch.StartNew(); waited.Elapsed < Generous; Thread.Sleep(5))
        {
            while (tap.TryRead(out var record))
            {
                if (isWanted(record))
                    return record;
            }
        }
        throw new InvalidOperationException("no such failure was told");
    }
}
