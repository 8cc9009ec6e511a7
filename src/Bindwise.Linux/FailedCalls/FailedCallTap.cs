using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Hears of every bind() and listen() of the host that fails, and of connect() for want of a local port. The kernel takes its program away
/// when the last descriptor is closed: nothing stays when this process dies, however that is.
/// </summary>
internal sealed class FailedCallTap : IDisposable
{
    private const int RingBytes = 1024 * 1024;
    private const int FoldEntries = 8192;
    private const int UserEntries = 4096;

    private readonly BpfRing _ring;
    private readonly SafeFileDescriptor[] _owned;
    private readonly SafeFileDescriptor _folds;
    private readonly SafeFileDescriptor _lost;
    private long _lostBefore;

    private FailedCallTap(BpfRing ring, SafeFileDescriptor[] owned, SafeFileDescriptor folds, SafeFileDescriptor lost)
    {
        _ring = ring;
        _owned = owned;
        _folds = folds;
        _lost = lost;
    }

    /// <summary>Readable, for poll(2), when a failure waits.</summary>
    internal int Descriptor => _ring.Map.Number;

    /// <summary>Attaches it.</summary>
    /// <param name="obstacle">Why it is not possible, one clause; null when it stands.</param>
    internal static FailedCallTap? TryOpen(out string? obstacle)
    {
        obstacle = null;
        if (!KernelIterator.IsAllowed())
            obstacle = "this user may not load BPF programs (root, or CAP_BPF and CAP_PERFMON)";
        else if (FailedCallLayout.OfThisKernel() is not { } layout)
            obstacle = "the kernel's type information is missing or unlike what is known (/sys/kernel/btf/vmlinux)";
        else if (NamespaceId.Of("/proc/self/ns/pid\0"u8) is not { } pids)
            obstacle = "/proc is not mounted";
        else
        {
            var errno = Open(layout, unchecked((uint)pids.Inode), out var tap);
            if (errno == Errno.None)
                return tap;
            obstacle = $"the kernel refused the BPF program ({errno})";
        }
        return null;
    }

    /// <summary>Takes the oldest failure.</summary>
    /// <returns>False when none waits.</returns>
    internal bool TryRead(out FailedCallRecord record)
    {
        record = default;
        return _ring.TryRead(MemoryMarshal.AsBytes(new Span<FailedCallRecord>(ref record)), out var length)
            && (length == FailedCallRecord.SizeBytes || TryRead(out record));
    }

    /// <summary>Takes what the kernel counted that was like a failure; what comes next is told by a record again.</summary>
    internal FailedCallCount TakeCount(in FailedCallKey key)
    {
        var count = default(FailedCallCount);
        var errno = BpfMapCall.Take(_folds, MemoryMarshal.AsBytes(new ReadOnlySpan<FailedCallKey>(in key)),
            MemoryMarshal.AsBytes(new Span<FailedCallCount>(ref count)));
        return errno == Errno.None ? count : default;
    }

    /// <summary>How many failures were lost since the last time.</summary>
    internal long TakeLost()
    {
        Span<byte> value = stackalloc byte[sizeof(long)];
        if (BpfMapCall.LookUp(_lost, [0, 0, 0, 0], value) != Errno.None)
            return 0;
        var lost = MemoryMarshal.Read<long>(value);
        var more = lost - _lostBefore;
        _lostBefore = lost;
        return Math.Max(0, more);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The link first: no record comes after it.
        foreach (var one in _owned)
            one.Dispose();
        _ring.Dispose();
    }

    private static Errno Open(FailedCallLayout layout, uint pidNamespace, out FailedCallTap? tap)
    {
        tap = null;
        var (program, link) = (new SafeFileDescriptor(-1), new SafeFileDescriptor(-1));
        var (folds, users, lost) = (new SafeFileDescriptor(-1), new SafeFileDescriptor(-1), new SafeFileDescriptor(-1));
        var errno = BpfRing.Create(RingBytes, out var ring);
        if (errno == Errno.None)
            errno = BpfMapCall.Create(BpfMapCall.HashMap, FailedCallKey.SizeBytes, FailedCallCount.SizeBytes, FoldEntries, out folds);
        if (errno == Errno.None)
            errno = BpfMapCall.Create(BpfMapCall.RecentMap, sizeof(ulong), 2 * sizeof(ulong), UserEntries, out users);
        if (errno == Errno.None)
            errno = BpfMapCall.Create(BpfMapCall.ArrayMap, sizeof(uint), sizeof(ulong), 1, out lost);
        if (errno == Errno.None)
        {
            var maps = new FailedCallMaps(ring!.Map.Number, folds.Number, users.Number, lost.Number);
            errno = BpfCall.LoadTracepoint(FailedCallProgram.Write(layout, maps, pidNamespace, Environment.ProcessId), out program);
        }
        if (errno == Errno.None)
            errno = BpfCall.OpenTracepoint("sys_exit\0"u8, program, out link);
        SafeFileDescriptor[] owned = [link, program, folds, users, lost];
        if (errno == Errno.None)
        {
            tap = new FailedCallTap(ring!, owned, folds, lost);
            return Errno.None;
        }
        foreach (var one in owned)
            one.Dispose();
        ring?.Dispose();
        return errno;
    }
}
