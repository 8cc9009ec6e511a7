using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Callers;
using Bindwise.Linux.FailedCalls;
using Bindwise.Linux.Native;
using Bindwise.Linux.Tests.Kernel;

namespace Bindwise.Linux.Tests.FailedCalls;

[Collection(AloneCollection.Name)]
public sealed class FailedCallTapTests
{
    // Users of their own: what other programs let fail as root meanwhile takes nothing from the share of these.
    private const string OwnUser = "import os, socket\nos.setuid(20000 + os.getpid())\n";

    [Fact]
    public void Record_FieldsStandWhereTheProgramWritesThem()
    {
        var record = default(FailedCallRecord);
        Assert.Equal(FailedCallRecord.SizeBytes, Unsafe.SizeOf<FailedCallRecord>());
        Assert.Equal(FailedCallAlike.SizeBytes, Unsafe.SizeOf<FailedCallAlike>());
        Assert.Equal(FailedCallCount.SizeBytes, Unsafe.SizeOf<FailedCallCount>());
        AssertAt(ref record, ref record.Time, FailedCallRecord.TimeAt);
        AssertAt(ref record, ref record.Cgroup, FailedCallRecord.CgroupAt);
        AssertAt(ref record, ref record.Thread, FailedCallRecord.ThreadAt);
        AssertAt(ref record, ref record.FirstProcess, FailedCallRecord.FirstProcessAt);
        AssertAt(ref record, ref record.Process, FailedCallRecord.ProcessAt);
        AssertAt(ref record, ref record.PidLevel, FailedCallRecord.PidLevelAt);
        AssertAt(ref record, ref record.User, FailedCallRecord.UserAt);
        AssertAt(ref record, ref record.Family, FailedCallRecord.FamilyAt);
        AssertAt(ref record, ref record.Type, FailedCallRecord.TypeAt);
        AssertAt(ref record, ref record.Protocol, FailedCallRecord.ProtocolAt);
        AssertAt(ref record, ref record.Options, FailedCallRecord.OptionsAt);
        AssertAt(ref record, ref record.Device, FailedCallRecord.DeviceAt);
        AssertAt(ref record, ref record.LocalIPv4, FailedCallRecord.LocalIPv4At);
        AssertAt(ref record, ref record.LocalPort, FailedCallRecord.LocalPortAt);
        AssertAt(ref record, ref record.LocalIPv6, FailedCallRecord.LocalIPv6At);
        AssertAt(ref record, ref record.Program, FailedCallRecord.ProgramAt);
        AssertAt(ref record, ref record.Alike, FailedCallRecord.AlikeAt);
        AssertAt(ref record.Alike, ref record.Alike.FirstProcess, FailedCallAlike.FirstProcessAt);
        AssertAt(ref record.Alike, ref record.Alike.Network, FailedCallAlike.NetworkAt);
        AssertAt(ref record.Alike, ref record.Alike.Call, FailedCallAlike.CallAt);
        AssertAt(ref record.Alike, ref record.Alike.Error, FailedCallAlike.ErrorAt);
        AssertAt(ref record.Alike, ref record.Alike.Length, FailedCallAlike.LengthAt);
        AssertAt(ref record.Alike, ref record.Alike.Given, FailedCallAlike.GivenAt);
        var count = default(FailedCallCount);
        AssertAt(ref count, ref count.More, FailedCallCount.MoreAt);
        AssertAt(ref count, ref count.LastTime, FailedCallCount.LastTimeAt);
    }

    [KernelFact]
    public void Tap_OfAProgramThatFailsAndEnds_TellsWhoAndWhat_AndCountsTheRest() => NetworkNamespace.Run(static () =>
    {
        using var tap = Open();
        using var python = Python(OwnUser + """
            a = socket.socket(); a.bind(('127.0.0.1', 8080)); a.listen()
            b = socket.socket(); b.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            for i in range(1000):
                try: b.bind(('127.0.0.1', 8080))
                except OSError: pass
            u = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            u.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try: u.bind(('2001:db8::1', 5353))
            except OSError: pass
            x = socket.socket(socket.AF_UNIX)
            try: x.bind('/nowhere/at/all')
            except OSError: pass
            c = socket.socket(); c.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); c.bind(('127.0.0.1', 8081))
            d = socket.socket(); d.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); d.bind(('127.0.0.1', 8081))
            c.listen()
            try: d.listen()
            except OSError: pass
            s = socket.socket()
            try: s.connect(('127.0.0.1', 0))
            except OSError: pass
            """);
        var found = Take(tap, 4, python.Id);
        var network = NamespaceId.Of("/proc/thread-self/ns/net\0"u8)!.Value.Inode;
        Assert.All(found, one => Assert.Equal(network, one.Alike.Network));
        Assert.All(found, static one => Assert.Equal("python3", NameOf(one)));

        var tcp = found[0];
        Assert.Equal((2, 1, 6, Errno.EADDRINUSE, 16u), (tcp.Family, tcp.Type, tcp.Protocol, (Errno)tcp.Alike.Error, tcp.Alike.Length));
        ReadOnlySpan<byte> asked = tcp.Alike.Given;
        Assert.Equal([2, 0, 0x1f, 0x90, 127, 0, 0, 1], asked[..8].ToArray());
        var bits = FailedCallLayout.OfThisKernel()!.OptionBits;
        Assert.NotEqual(0, tcp.Options & bits.ReuseAddress);
        Assert.Equal(0, tcp.Options & (bits.ReusePort | bits.V6Only));
        var count = tap.TakeCount(tcp.Alike, tcp.User);
        Assert.Equal(999u, count.More);
        Assert.InRange(count.LastTime, tcp.Time, ulong.MaxValue);
        Assert.Equal(0u, tap.TakeCount(tcp.Alike, tcp.User).More);

        var udp = found[1];
        Assert.Equal((10, 2, 17, Errno.EADDRNOTAVAIL), (udp.Family, udp.Type, udp.Protocol, (Errno)udp.Alike.Error));
        Assert.NotEqual(0, udp.Options & bits.V6Only);
        var third = found[2];
        ReadOnlySpan<byte> unix = third.Alike.Given;
        Assert.Equal((1, Errno.ENOENT), (found[2].Family, (Errno)found[2].Alike.Error));
        Assert.StartsWith("\u0001\0/nowhere/at/all\0", Encoding.ASCII.GetString(unix), StringComparison.Ordinal);
        var listen = found[3];
        Assert.Equal(((ushort)PortEventCall.Listen, Errno.EADDRINUSE, 8081), (listen.Alike.Call, (Errno)listen.Alike.Error, listen.LocalPort));
        Assert.DoesNotContain(tap.TakeLost(), one => one.User == tcp.User);
    });

    [KernelFact]
    public void Tap_OfAUserWhoFailsEverywhere_KeepsTheShareOfTheOthers() => NetworkNamespace.Run(static () =>
    {
        using var tap = Open();
        const int calls = 2 * FailedCallTap.MostAlike;
        const uint loud = 22001, quiet = 22002, more = 18;
        // Nobody reads meanwhile: what is not in the table is lost. More users than fill it have a share each, the later the smaller.
        using var python = Python($"""
            import os, socket
            def fail(user, calls):
                if os.fork() == 0:
                    os.setuid(user)
                    s = socket.socket()
                    for i in range(calls):
                        try: s.bind(('192.0.2.%d' % (1 + i % 250), 1024 + i // 250))
                        except OSError: pass
                    os._exit(0)
                os.wait()
            fail({loud}, {calls})
            for other in range({more}): fail({quiet} + other, 300)
            fail({loud}, 1)
            """);
        var taken = new Dictionary<uint, int>();
        var records = new List<FailedCallRecord>();
        while (tap.TryTake(out var record))
        {
            records.Add(record);
            taken[record.User] = taken.GetValueOrDefault(record.User) + 1;
        }
        Assert.Equal(FailedCallShare.MostOfUser, taken[loud]);
        Assert.Equal(FailedCallShare.MostOfUser, taken[quiet]);
        for (var other = 0u; other < more; other++)
            Assert.True(taken.GetValueOrDefault(quiet + other) > 0, $"user {quiet + other} has no call");
        Assert.InRange(records.Count, 1, FailedCallTap.MostAlike);
        var lost = tap.TakeLost().ToDictionary(static one => one.User, static one => one.Count);
        // The last, of another process, is no more of a share than those before.
        Assert.Equal((ulong)(calls + 1 - FailedCallShare.MostOfUser), lost[loud]);
        Assert.Equal(300ul * more, (ulong)records.Count(static one => one.User is >= quiet and < quiet + more)
            + lost.Where(static one => one.Key is >= quiet and < quiet + more).Aggregate(0ul, static (sum, one) => sum + one.Value));
        Assert.DoesNotContain(tap.TakeLost(), static one => one.User is >= loud and < quiet + more);

        // What was taken makes room again.
        foreach (var record in records)
            tap.TakeCount(record.Alike, record.User);
        using var again = Python($"import os, socket\nos.setuid({loud})\ntry: socket.socket().bind(('192.0.2.1', 1024))\nexcept OSError: pass");
        Assert.Single(Take(tap, 1, again.Id));
    });

    [KernelFact]
    public void Taps_OfTwoReaders_BothSeeTheCall() => NetworkNamespace.Run(static () =>
    {
        using var one = Open();
        using var other = Open();
        using var python = Python(OwnUser + "try: socket.socket().bind(('192.0.2.1', 8080))\nexcept OSError: pass");
        Assert.Single(Take(one, 1, python.Id));
        Assert.Single(Take(other, 1, python.Id));
    });

    [KernelFact]
    public void Tap_ThatLeavesOutItsOwnProgram_SeesTheOthers() => NetworkNamespace.Run(static () =>
    {
        using var all = Open();
        using var others = FailedCallTap.TryOpen(FailedCallLayout.OfThisKernel()!, leavesOutOwnProgram: true);
        using (var own = RawSocket.Tcp())
            Assert.Equal(Errno.EADDRNOTAVAIL, own.TryBind("192.0.2.1", 80));
        using var python = Python(OwnUser + "try: socket.socket().bind(('192.0.2.1', 8080))\nexcept OSError: pass");
        Assert.Single(Take(all, 1, Environment.ProcessId));
        Assert.Single(Take(others!, 1, python.Id));
        while (others!.TryTake(out var record))
            Assert.NotEqual(Environment.ProcessId, record.Process);
    });

    [RecursionFact]
    public void Misses_OfAProgramThatIsDueWhileItRuns_AreCounted()
    {
        // It reads where nothing is, which is the very event at which it runs.
        var code = new Instructions();
        code.PointToStack(1, -8);
        code.Put(Instructions.MoveConstant, 2, constant: 8);
        code.Put(Instructions.MoveConstant, 3, constant: 4096);
        code.Put(Instructions.Call, constant: Instructions.ProbeReadUser);
        code.Return();
        Assert.Equal(Errno.None, BpfCall.LoadTracepoint(code.ToArray(), out var program));
        using (program)
        {
            Assert.Equal(Errno.None, BpfCall.CountMisses(program, out var before));
            Assert.Equal(0u, before);
            Assert.Equal(Errno.None, BpfCall.OpenTracepoint("page_fault_kernel\0"u8, program, out var link));
            using (link)
                Assert.Equal(Errno.None, BpfCall.RunTracepoint(program, out _));
            Assert.Equal(Errno.None, BpfCall.CountMisses(program, out var after));
            Assert.InRange(after, 1u, ulong.MaxValue);
        }
    }

    private static FailedCallTap Open()
    {
        var tap = FailedCallTap.TryOpen(FailedCallLayout.OfThisKernel()!);
        Assert.NotNull(tap);
        return tap;
    }

    private static List<FailedCallRecord> Take(FailedCallTap tap, int count, int process)
    {
        var found = new List<FailedCallRecord>();
        var began = Stopwatch.GetTimestamp();
        while (found.Count < count && Stopwatch.GetElapsedTime(began) < TimeSpan.FromMinutes(4))
        {
            while (tap.TryTake(out var record))
            {
                if (record.Process == process)
                    found.Add(record);
            }
            PollCall.WaitUntilReadable(tap.Ready, 100_000);
        }
        Assert.Equal(count, found.Count);
        return found;
    }

    private static string NameOf(FailedCallRecord record)
    {
        ReadOnlySpan<byte> name = record.Program;
        return Encoding.ASCII.GetString(name.TrimEnd((byte)0));
    }

    /// <summary>Runs it to its end, in the calling thread's namespace.</summary>
    private static Process Python(string program)
    {
        var process = Process.Start("python3", ["-c", program]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return process;
    }

    /// <summary>Skipped where the kernel would let a program run within itself (before Linux 6.2), or has no such tracepoint.</summary>
    private sealed class RecursionFactAttribute : FactAttribute
    {
        public RecursionFactAttribute() => Skip = KernelAccess.Obstacle
            ?? (Environment.OSVersion.Version < new Version(6, 2) || RuntimeInformation.ProcessArchitecture != Architecture.X64
                ? "needs Linux 6.2 or newer on x64" : null);
    }

    private static void AssertAt<T, TField>(ref T value, ref TField field, short offset)
        where T : struct
        where TField : struct =>
        Assert.Equal(offset, (short)Unsafe.ByteOffset(ref Unsafe.As<T, byte>(ref value), ref Unsafe.As<TField, byte>(ref field)));
}
