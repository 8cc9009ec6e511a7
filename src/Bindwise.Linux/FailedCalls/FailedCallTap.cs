using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Callers;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Sees every failed bind() and listen() of the system, and every connect() that failed for want of a port, of all processes and
/// namespaces, while it is open. It ends with this process, however that ends. Calls of io_uring do not pass the tracepoint, nor do 32-bit
/// programs use these numbers: both are not seen. For one reader.
/// </summary>
internal sealed class FailedCallTap : IDisposable
{
    /// <summary>So much may wait to be read; a storm of different calls beyond it is counted as lost.</summary>
    internal const int RingBytes = 512 * 1024;

    /// <summary>So many different calls are counted at a time.</summary>
    internal const int MostAlike = 8192;

    private readonly BpfRing _ring;
    private readonly SafeFileDescriptor _counts;
    private readonly SafeFileDescriptor _lost;
    private readonly SafeFileDescriptor _program;
    private readonly SafeFileDescriptor _link;
    private ulong _lostBefore;

    private FailedCallTap(BpfRing ring, SafeFileDescriptor counts, SafeFileDescriptor lost, SafeFileDescriptor program,
        SafeFileDescriptor link) =>
        (_ring, _counts, _lost, _program, _link) = (ring, counts, lost, program, link);

    /// <summary>Can be read when a call failed: for poll(2).</summary>
    internal SafeFileDescriptor Ready => _ring.Map;

    /// <summary>Begins.</summary>
    /// <param name="layout">This kernel's structures.</param>
    /// <returns>Null when the kernel refuses: for want of CAP_BPF and CAP_PERFMON, of the first user namespace, or of support (Linux
    /// 5.8).</returns>
    internal static FailedCallTap? TryOpen(FailedCallLayout layout)
    {
        if (!KernelIterator.IsAllowed() || NamespaceId.Of("/proc/self/ns/pid\0"u8) is not { } pids
            || BpfRing.Open(RingBytes, out var ring) != Errno.None)
            return null;
        SafeFileDescriptor counts = new(-1), lost = new(-1), program = new(-1), link = new(-1);
        var errno = BpfMapCall.CreateHash(FailedCallAlike.SizeBytes, FailedCallCount.SizeBytes, MostAlike, out counts);
        if (errno == Errno.None)
            errno = BpfMapCall.CreateArray(sizeof(ulong), 1, out lost);
        if (errno == Errno.None)
        {
            var maps = new FailedCallMaps(ring.Map.Number, counts.Number, lost.Number);
            errno = BpfCall.LoadTracepoint(FailedCallProgram.Write(layout, maps, unchecked((uint)pids.Inode)), out program);
        }
        if (errno == Errno.None)
            errno = BpfCall.OpenTracepoint("sys_exit\0"u8, program, out link);
        var tap = new FailedCallTap(ring, counts, lost, program, link);
        if (errno == Errno.None)
            return tap;
        tap.Dispose();
        return null;
    }

    /// <summary>Takes the oldest call that is the first of its kind.</summary>
    /// <returns>False when none waits.</returns>
    internal bool TryTake(out FailedCallRecord record)
    {
        record = default;
        return _ring.Take(MemoryMarshal.AsBytes(new Span<FailedCallRecord>(ref record))) == FailedCallRecord.SizeBytes;
    }

    /// <summary>
    /// Takes what was counted of calls alike to one, which ends their count: the next one is a first again. To be done for each call that
    /// was
    /// taken, since the table is bounded.
    /// </summary>
    internal FailedCallCount TakeCount(in FailedCallAlike alike)
    {
        var count = default(FailedCallCount);
        var errno = BpfMapCall.Take(_counts, MemoryMarshal.AsBytes(new ReadOnlySpan<FailedCallAlike>(in alike)),
            MemoryMarshal.AsBytes(new Span<FailedCallCount>(ref count)));
        return errno == Errno.None ? count : default;
    }

    /// <summary>How many calls were lost since this was last asked: the ring or the table was full.</summary>
    internal ulong TakeLost()
    {
        var lost = 0ul;
        if (BpfMapCall.LookUp(_lost, stackalloc byte[sizeof(uint)], MemoryMarshal.AsBytes(new Span<ulong>(ref lost))) != Errno.None)
            return 0;
        var more = lost - _lostBefore;
        _lostBefore = lost;
        return more;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _link.Dispose();
        _program.Dispose();
        _lost.Dispose();
        _counts.Dispose();
        _ring.Dispose();
    }
}
