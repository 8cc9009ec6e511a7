using Bindwise.Linux.Bpf;
using Bindwise.Linux.Processes.TaskFiles;

namespace Bindwise.Linux.Processes.PendingUses;

/// <summary>
/// Who waits at a socket, told by the socket itself: the kernel's walk over the sockets of this network namespace (bpf_iter_tcp,
/// bpf_iter_udp, bpf_iter_unix) with a look into each wait queue. Whoever sleeps there or has a request there keeps the socket. epoll does
/// not, and is left out. Needs CAP_BPF and CAP_PERFMON and the kernel's type information; the walk
/// over TCP leaves out sockets that are only bound.
/// </summary>
internal static class WaitQueues
{
    private const int NumbersOfLine = 8;

    /// <param name="view">Where what the kernel told is looked up.</param>
    /// <returns>The holders; null when the kernel does not let itself be asked, or not about so many.</returns>
    internal static List<Holder>? Find(TaskView view, Protocol protocol, IReadOnlyCollection<ulong> inodes)
    {
        if (!KernelIterator.IsAllowed() || TaskFileLayout.OfThisKernel() is not { } tasks
            || WaitQueueLayout.OfThisKernel() is not { } layout)
            return null;
        var function = protocol switch
        {
            Protocol.Tcp => layout.Functions.Tcp,
            Protocol.Udp => layout.Functions.Udp,
            _ => layout.Functions.Unix,
        };
        var sought = inodes.Where(static inode => inode is > 0 and <= uint.MaxValue).ToArray();
        if (function == 0 || sought.Length is 0 or > WaitQueueProgram.SocketLimit
            || KernelIterator.ReadText(WaitQueueProgram.Write(layout, tasks, sought, protocol == Protocol.Tcp), function) is not { } text)
            return null;
        return [.. Parse(text).Where(line => sought.Contains(line.Inode)).SelectMany(line => HoldersOf(view, line)).Distinct()];
    }

    /// <summary>A line of <see cref="WaitQueueProgram"/>.</summary>
    /// <param name="ThreadId">The thread; 0 for an AIO request.</param>
    /// <param name="ProcessId">The process; 0 for an AIO request.</param>
    /// <param name="AioRing">The inode of an AIO context's ring; 0 for another way.</param>
    internal readonly record struct Waiter(ulong Inode, HoldingWay Way, int ThreadId, int ProcessId, ulong AioRing);

    /// <summary>The lines; those of waiters that keep no socket, and of another form, are left out.</summary>
    internal static IEnumerable<Waiter> Parse(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var words = line.Split(' ');
            if (words.Length <= NumbersOfLine)
                continue;
            var numbers = new ulong[NumbersOfLine];
            var isWhole = true;
            for (var i = 0; i < NumbersOfLine; i++)
                isWhole &= ulong.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]);
            // The compiler may add a suffix: io_poll_wake.isra.0.
            var name = words[NumbersOfLine].Split('.', '+')[0];
            (HoldingWay Way, int At)? kind = name switch
            {
                "autoremove_wake_function" or "default_wake_function" or "woken_wake_function" or "receiver_wake_function" =>
                    (HoldingWay.SystemCall, 1),
                "pollwake" => (HoldingWay.SystemCall, 3),
                "io_poll_wake" or "io_async_wake" => (HoldingWay.IoUringRequest, 5),
                "aio_poll_wake" => (HoldingWay.AioRequest, 0),
                _ => null,
            };
            if (!isWhole || kind is not { } known)
                continue;
            if (known.Way == HoldingWay.AioRequest)
                yield return new Waiter(numbers[0], known.Way, 0, 0, numbers[7]);
            else if (numbers[known.At] is > 0 and <= int.MaxValue and var thread
                && numbers[known.At + 1] is > 0 and <= int.MaxValue and var process)
                yield return new Waiter(numbers[0], known.Way, (int)thread, (int)process, 0);
        }
    }

    private static IEnumerable<Holder> HoldersOf(TaskView view, Waiter waiter)
    {
        if (waiter.Way == HoldingWay.AioRequest)
        {
            return view.Processes().Where(pid => view.MappedRings(pid, "/[aio] (deleted)"u8).Contains(waiter.AioRing))
                .Select(pid => new PendingUse(pid, waiter.Way, AwaitedEvent.Any).ToHolder(waiter.Inode, isInferred: false));
        }
        if (!view.IsUserThread(waiter.ProcessId, waiter.ThreadId))
            return [];
        if (waiter.Way == HoldingWay.IoUringRequest)
            return [new PendingUse(waiter.ProcessId, waiter.Way, AwaitedEvent.Any).ToHolder(waiter.Inode, isInferred: false)];
        // A worker of io_uring sleeps in no call of the program's.
        var call = view.CallOf(waiter.ProcessId, waiter.ThreadId);
        var known = call is { } made ? DescriptorCall.Of(made.Number) : null;
        var isRequest = call is null && view.IsRingWorker(waiter.ProcessId, waiter.ThreadId);
        var descriptor = known is { Place: DescriptorPlace.First } ? unchecked((int)call!.Value.First) : -1;
        return
        [
            new PendingUse(waiter.ProcessId, isRequest ? HoldingWay.IoUringRequest : HoldingWay.SystemCall, AwaitedEvent.Any)
            {
                ThreadId = isRequest ? null : waiter.ThreadId,
                Descriptor = descriptor,
                Call = known?.Name,
            }.ToHolder(waiter.Inode, isInferred: false),
        ];
    }
}
