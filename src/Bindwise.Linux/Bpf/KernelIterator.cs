using System.Buffers;
using System.Runtime.InteropServices;
using Bindwise.Linux.Text;
using static Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Bpf;

/// <summary>Loads a program for one of the kernel's iterators, has it run over all objects once, and reads what it writes.</summary>
internal static class KernelIterator
{
    // As much as the kernel's own buffer of eight pages holds where a page has 4 KiB.
    private const int BufferBytes = 32 * 1024;

    // A thousand tasks' facts and command lines. What stays unused of it takes no memory.
    private const int WalkBytes = 512 * 1024;

    // A read may end early after a million objects without a match (EAGAIN); as many as these no host has.
    private const int ReadLimit = 100_000;

    // Where objects come and go as fast as they are walked over, a walk need not come to its end: it is given up after ten seconds of
    // its thread's processor time. What a loaded machine makes the thread wait is no sign of that.
    private const long LimitNanoseconds = 10_000_000_000;

    /// <summary>The most matches of a walk: as many descriptors of the same sockets no host has.</summary>
    internal const int MatchLimit = 4 * 1024 * 1024;

    /// <summary>More text than this is not taken: thousands of sockets on one port.</summary>
    internal const int TextLimitBytes = 1024 * 1024;

    // Too small to do anything: whether the kernel says EPERM to it tells whether a real one is worth making.
    private static readonly ulong[] Empty = [Encode(MoveConstant, 0, 0, 0, 0), Encode(Exit, 0, 0, 0, 0)];

    /// <summary>Whether the kernel lets this thread load such programs at all. Cheap: asked before anything else is made.</summary>
    internal static bool IsAllowed()
    {
        const ulong monitor = (1UL << CapabilityCall.PerformanceMonitoring) | (1UL << CapabilityCall.Bpf);
        if (CapabilityCall.Effective(out var capabilities) != Errno.None
            || ((capabilities & monitor) != monitor && (capabilities & (1UL << CapabilityCall.SystemAdministration)) == 0))
            return false;

        // The capabilities may be those of a user namespace: then they do not count, which only the kernel can tell.
        var errno = BpfCall.LoadIterator(Empty, 0, out var program);
        program.Dispose();
        return errno == Errno.EINVAL;
    }

    /// <param name="function">The BTF id of the iterator's function.</param>
    /// <returns>The matches; null when the kernel refuses, there are more than the limit, or the walk does not come to its end.</returns>
    internal static List<T>? Walk<T>(ReadOnlySpan<ulong> program, int function, Func<T, bool> isWanted, int matchLimit = MatchLimit)
        where T : unmanaged => Run(program, function, iterator => Read(iterator, isWanted, matchLimit));

    /// <summary>Walks once with a program that prints (bpf_seq_printf).</summary>
    /// <param name="function">The BTF id of the iterator's function.</param>
    /// <returns>The text, cut off after <see cref="TextLimitBytes"/>; null when the kernel refuses.</returns>
    internal static string? ReadText(ReadOnlySpan<ulong> program, int function) => Run(program, function, ReadText);

    /// <summary>Walks once with a program whose records have no one length.</summary>
    /// <param name="function">The BTF id of the iterator's function.</param>
    /// <param name="maySleep">The program may wait for pages of processes.</param>
    /// <returns>All that it wrote; null when the kernel refuses, it is more than the limit, or the walk does not come to its end.</returns>
    internal static ReadOnlyMemory<byte>? ReadBytes(ReadOnlySpan<ulong> program, int function, bool maySleep, int limitBytes) =>
        Run(program, function, iterator => ReadBytes(iterator, WalkBytes, limitBytes), maySleep)?.Memory;

    /// <summary>The same over one task after the other; before Linux 6.1 over all, each time.</summary>
    internal static ReadOnlyMemory<byte>? ReadBytes(ReadOnlySpan<ulong> program, int function, IEnumerable<int> tasks, int limitBytes)
    {
        var errno = BpfCall.LoadIterator(program, function, out var loaded);
        using (loaded)
        {
            if (errno != Errno.None)
                return null;
            var bytes = new ArrayBufferWriter<byte>();
            foreach (var task in tasks)
            {
                // A task that is gone has nothing to tell.
                if (Run(loaded, iterator => ReadBytes(iterator, BufferBytes, limitBytes), task) is { } chunk)
                    bytes.Write(chunk.Memory.Span);
            }
            return bytes.WrittenMemory;
        }
    }

    private static T? Run<T>(ReadOnlySpan<ulong> program, int function, Func<SafeFileDescriptor, T?> read, bool maySleep = false)
        where T : class
    {
        var errno = BpfCall.LoadIterator(program, function, out var loaded, maySleep);
        using (loaded)
            return errno == Errno.None ? Run(loaded, read) : null;
    }

    private static T? Run<T>(SafeFileDescriptor loaded, Func<SafeFileDescriptor, T?> read, int onlyTask = 0)
        where T : class
    {
        var errno = BpfCall.CreateLink(loaded, out var link, onlyTask);
        using (link)
        {
            if (errno != Errno.None)
                return null;
            errno = BpfCall.CreateIterator(link, out var iterator);
            using (iterator)
                return errno == Errno.None ? read(iterator) : null;
        }
    }

    private static Written? ReadBytes(SafeFileDescriptor iterator, int roomBytes, int limitBytes)
    {
        var began = ClockCall.ThreadNanoseconds();
        var bytes = GC.AllocateUninitializedArray<byte>(roomBytes);
        var count = 0;
        for (var i = 0; i < ReadLimit && count < limitBytes && IsInTime(began); i++)
        {
            if (bytes.Length - count < BufferBytes)
            {
                var more = GC.AllocateUninitializedArray<byte>(bytes.Length * 2);
                bytes.AsSpan(0, count).CopyTo(more);
                bytes = more;
            }
            var errno = ReadWriteCall.Read(iterator.Number, bytes.AsSpan(count), out var length);
            if (errno == Errno.EAGAIN)
                continue;
            if (errno != Errno.None)
                return null;
            if (length == 0)
                return new Written(bytes.AsMemory(0, count));
            count += length;
        }
        return null;
    }

    private sealed record Written(ReadOnlyMemory<byte> Memory);

    private static bool IsInTime(long began) => ClockCall.ThreadNanoseconds() - began < LimitNanoseconds;

    private static string? ReadText(SafeFileDescriptor iterator)
    {
        var began = ClockCall.ThreadNanoseconds();
        var text = new StringBuilder();
        var buffer = new byte[BufferBytes];
        for (var i = 0; i < ReadLimit && text.Length < TextLimitBytes && IsInTime(began); i++)
        {
            var errno = ReadWriteCall.Read(iterator.Number, buffer, out var length);
            if (errno == Errno.EAGAIN)
                continue;
            if (errno != Errno.None)
                return null;
            if (length == 0)
                break;
            text.Append(KernelText.Decode(buffer.AsSpan(0, length)));
        }
        return text.ToString();
    }

    /// <summary>Reads what a program writes to the end, record by record.</summary>
    /// <remarks>
    /// A kernel with larger pages has a larger buffer, and cuts a record where a read ends (bpf_seq_read(), kernel/bpf/bpf_iter.c).
    /// </remarks>
    /// <returns>The matches; null when it cannot be read, ends within a record, or has more matches than the limit.</returns>
    internal static List<T>? Read<T>(SafeFileDescriptor iterator, Func<T, bool> isWanted, int matchLimit)
        where T : unmanaged
    {
        var began = ClockCall.ThreadNanoseconds();
        var matches = new List<T>();
        var kept = 0;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            for (var i = 0; i < ReadLimit && matches.Count < matchLimit && IsInTime(began); i++)
            {
                var errno = ReadWriteCall.Read(iterator.Number, buffer.AsSpan(kept, BufferBytes - kept), out var length);
                if (errno == Errno.EAGAIN)
                    continue;
                if (errno != Errno.None)
                    return null;
                if (length == 0)
                    return kept == 0 ? matches : null;
                var read = buffer.AsSpan(0, kept + length);
                foreach (ref readonly var match in MemoryMarshal.Cast<byte, T>(read))
                {
                    if (isWanted(match))
                        matches.Add(match);
                }
                kept = read.Length % Marshal.SizeOf<T>();
                read[^kept..].CopyTo(buffer);
            }

            return null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}

/// <summary>
/// BTF ids of bpf_iter_tcp, bpf_iter_udp and bpf_iter_unix, the functions that stand for the iterators
/// over sockets; 0 for one that this kernel lacks.
/// </summary>
internal record struct SocketIterators
{
    private static readonly KernelPlace WalkOfTcp = KernelPlace.OptionalFunction("bpf_iter_tcp");
    private static readonly KernelPlace WalkOfUdp = KernelPlace.OptionalFunction("bpf_iter_udp");
    private static readonly KernelPlace WalkOfUnix = KernelPlace.OptionalFunction("bpf_iter_unix");

    /// <summary>Linux 5.9.</summary>
    internal int Tcp { get; private init; }

    /// <summary>Linux 5.9.</summary>
    internal int Udp { get; private init; }

    /// <summary>Linux 5.15.</summary>
    internal int Unix { get; private init; }

    internal static ImmutableArray<KernelPlace> Places { get; } = [WalkOfTcp, WalkOfUdp, WalkOfUnix];

    /// <summary>The ids by what was found of <see cref="Places"/>.</summary>
    internal static SocketIterators Of(KernelPlaces found) =>
        new() { Tcp = found.Find(WalkOfTcp) ?? 0, Udp = found.Find(WalkOfUdp) ?? 0, Unix = found.Find(WalkOfUnix) ?? 0 };
}
