using System.Runtime.InteropServices;
using Bindwise.Linux.Native;

namespace Bindwise.Linux.Live.Recording;

/// <summary>Listens to the tracepoint sock:inet_sock_set_state, as far as it tells of one network namespace. Nothing of it outlives its descriptors.</summary>
internal sealed class StateTracepoint : IDisposable
{
    // More than a scenario's step calls forth.
    private const int QueueEntries = 8_192;

    private readonly SafeFileDescriptor _queue;
    private readonly SafeFileDescriptor _program;
    private readonly SafeFileDescriptor _link;

    private StateTracepoint(SafeFileDescriptor queue, SafeFileDescriptor program, SafeFileDescriptor link)
    {
        _queue = queue;
        _program = program;
        _link = link;
    }

    /// <summary>Opens one for a namespace; null where this user may not, or this kernel cannot.</summary>
    internal static StateTracepoint? TryOpen(SafeFileDescriptor networkNamespace)
    {
        if (StatX.OfDescriptor(networkNamespace.Number, out var status) != Errno.None || StateTracepointLayout.OfThisKernel() is not { } layout)
            return null;
        var errno = BpfCall.CreateQueue(StateTracepointRecord.SizeBytes, QueueEntries, out var queue);
        var (program, link) = (new SafeFileDescriptor(-1), new SafeFileDescriptor(-1));
        if (errno == Errno.None)
            errno = BpfCall.LoadTracepoint(StateTracepointProgram.Write(layout, unchecked((uint)status.Inode), queue.Number), out program);
        if (errno == Errno.None)
            errno = BpfCall.OpenTracepoint("inet_sock_set_state\0"u8, program, out link);
        var tap = new StateTracepoint(queue, program, link);
        if (errno == Errno.None)
            return tap;
        tap.Dispose();
        return null;
    }

    /// <summary>Takes what has come, in order.</summary>
    internal void Drain(List<StateTracepointRecord> changes)
    {
        Span<StateTracepointRecord> change = stackalloc StateTracepointRecord[1];
        while (BpfCall.Take(_queue, MemoryMarshal.AsBytes(change)) == Errno.None)
            changes.Add(change[0]);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _link.Dispose();
        _program.Dispose();
        _queue.Dispose();
    }
}
