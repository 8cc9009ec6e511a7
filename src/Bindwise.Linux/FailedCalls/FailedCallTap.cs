using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Callers;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Sees every failed bind() and listen() of the system, and every connect() that failed for want of a port, of all processes and
/// namespaces, while it is open. It ends with this process, however that ends. It stands on the kernel's own functions where it may
/// (fexit); else at the end of all system calls, where those of io_uring do not pass, and those of 32-bit programs have other numbers:
/// both are not seen then. For one reader.
/// </summary>
internal sealed class FailedCallTap : IDisposable
{
    /// <summary>So many different calls are counted at a time, and wait to be read at most; each user has a share of them.</summary>
    internal const int MostAlike = 4096;

    /// <summary>Room for a record of each of them.</summary>
    internal const int RingBytes = 1024 * 1024;

    // All maps and programs together have less.
    private const ulong LockedBytes = 8 * 1024 * 1024;

    private readonly BpfRing _ring;
    private readonly SafeFileDescriptor _counts;
    private readonly BpfNumbers _shares;
    private readonly FailedCallStand _stand;
    private readonly ulong[] _missedBefore;
    private readonly ulong[] _lostBefore = new ulong[FailedCallShare.FirstUser + FailedCallShare.Users];

    private FailedCallTap(BpfRing ring, SafeFileDescriptor counts, BpfNumbers shares, FailedCallStand stand)
    {
        (_ring, _counts, _shares, _stand) = (ring, counts, shares, stand);
        _missedBefore = new ulong[stand.Programs.Count];
    }

    /// <summary>It stands on the kernel's functions, and sees io_uring and 32-bit programs too.</summary>
    internal bool IsOnFunctions => _stand.IsOnFunctions;

    /// <summary>Can be read when a call failed: for poll(2).</summary>
    internal SafeFileDescriptor Ready => _ring.Map;

    /// <param name="leavesOutOwnProgram">
    /// The calls of all processes that run this program's file are left out. Before Linux 5.10 they are not.
    /// </param>
    /// <returns>Null when the kernel refuses: for want of CAP_BPF and CAP_PERFMON, of the first user namespace, or of support (Linux
    /// 5.8).</returns>
    internal static FailedCallTap? TryOpen(FailedCallLayout layout, bool leavesOutOwnProgram = false)
    {
        if (!KernelIterator.IsAllowed() || NamespaceId.Of("/proc/self/ns/pid\0"u8) is not { } pids)
            return null;
        // Before Linux 5.11 maps count as locked memory, of which many may have 64 KiB; where it cannot be more, the first map says so.
        _ = ResourceLimitCall.RaiseLockedMemory(LockedBytes);
        if (BpfRing.Open(RingBytes, out var ring) != Errno.None)
        {
            ring.Dispose();
            return null;
        }
        var errno = BpfMapCall.CreateHash(FailedCallAlike.SizeBytes, FailedCallCount.SizeBytes, MostAlike, out var counts);
        var sharesErrno = BpfNumbers.Open(FailedCallShare.FirstUser + FailedCallShare.Users, FailedCallShare.Numbers, out var shares);
        var maps = new FailedCallMaps(ring.Map.Number, counts.Number, shares.Map.Number);
        if (errno == Errno.None && sharesErrno == Errno.None)
        {
            var leftOut = leavesOutOwnProgram ? FailedCallStand.FindOwnInode(layout) : 0;
            if (FailedCallStand.TryTake(layout, new FailedCallReader(maps, pids.Inode, leftOut)) is { } stand)
                return new FailedCallTap(ring, counts, shares, stand);
        }
        ring.Dispose();
        counts.Dispose();
        shares.Dispose();
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
    /// was taken: until then it takes of its user's share.
    /// </summary>
    /// <param name="alike">What is alike in them.</param>
    internal FailedCallCount TakeCount(in FailedCallAlike alike, uint user)
    {
        var count = default(FailedCallCount);
        var errno = BpfMapCall.Take(_counts, MemoryMarshal.AsBytes(new ReadOnlySpan<FailedCallAlike>(in alike)),
            MemoryMarshal.AsBytes(new Span<FailedCallCount>(ref count)));
        if (errno != Errno.None)
            return default;
        _shares.Decrement(FailedCallShare.RowOf(user), FailedCallShare.Open);
        _shares.Decrement(FailedCallShare.All, FailedCallShare.Open);
        return count;
    }

    /// <summary>
    /// How many calls were lost since this was last asked, by user: they were beyond the user's share, or the table was full.
    /// </summary>
    internal IReadOnlyList<(uint User, ulong Count)> TakeLost()
    {
        if (!TakeLost(FailedCallShare.All, out _))
            return [];
        var lost = new List<(uint User, ulong Count)>();
        for (var row = FailedCallShare.FirstUser; row < _lostBefore.Length; row++)
        {
            if (TakeLost(row, out var more))
                lost.Add(((uint)_shares.Read(row, FailedCallShare.User), more));
        }
        return lost;
    }

    /// <summary>
    /// How many calls nobody looked at since this was last asked: each came while the program ran on the same processor already. Most are
    /// calls that worked.
    /// </summary>
    internal ulong TakeMissed()
    {
        var sum = 0UL;
        for (var number = 0; number < _missedBefore.Length; number++)
        {
            if (BpfCall.CountMisses(_stand.Programs[number], out var misses) != Errno.None)
                continue;
            sum += misses - _missedBefore[number];
            _missedBefore[number] = misses;
        }
        return sum;
    }

    private bool TakeLost(int row, out ulong more)
    {
        var lost = _shares.Read(row, FailedCallShare.Lost);
        more = lost - _lostBefore[row];
        _lostBefore[row] = lost;
        return more > 0;
    }

    public void Dispose()
    {
        _stand.Dispose();
        _shares.Dispose();
        _counts.Dispose();
        _ring.Dispose();
    }
}
