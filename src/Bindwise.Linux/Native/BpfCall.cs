using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>
/// bpf(2), by number, as far as an iterator needs it, and a program on a tracepoint that writes to a queue. Nothing is pinned: all ends with
/// the last descriptor. Field offsets are those of union bpf_attr (include/uapi/linux/bpf.h).
/// </summary>
internal static partial class BpfCall
{
    private const int CreateMapCommand = 0;
    private const int LoadCommand = 5;
    private const int OpenTracepointCommand = 17;
    private const int TakeElementCommand = 21;
    private const int CreateLinkCommand = 28;
    private const int CreateIteratorCommand = 33;
    private const uint QueueMap = 22;
    private const uint TracepointProgram = 17;
    private const uint TracingProgram = 26;
    private const uint IteratorAttachment = 28;
    private const int MapBytes = 48;
    private const int LoadBytes = 120;
    private const int TracepointBytes = 16;
    private const int ElementBytes = 32;
    private const int LinkBytes = 64;
    private const int IteratorBytes = 8;

    // The kernel lends bpf_seq_write and bpf_probe_read_kernel only to programs whose licence goes with its own.
    private static ReadOnlySpan<byte> Licence => "Dual MIT/GPL\0"u8;

    /// <summary>BPF_PROG_LOAD of an iterator's program (BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER); close-on-exec.</summary>
    /// <param name="instructions">struct bpf_insn, one a number.</param>
    /// <param name="function">The BTF id of the function that stands for the iterator, such as bpf_iter_task_file.</param>
    /// <param name="program">The program; invalid on failure.</param>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON; EINVAL or EACCES when the verifier refuses.</returns>
    internal static Errno LoadIterator(ReadOnlySpan<ulong> instructions, int function, out SafeFileDescriptor program)
    {
        Span<byte> attributes = stackalloc byte[LoadBytes];
        attributes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[68..], IteratorAttachment);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[108..], function);
        return Load(TracingProgram, instructions, attributes, out program);
    }

    /// <summary>BPF_PROG_LOAD of a program for a raw tracepoint; close-on-exec.</summary>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON; EINVAL or EACCES when the verifier refuses.</returns>
    internal static Errno LoadTracepoint(ReadOnlySpan<ulong> instructions, out SafeFileDescriptor program)
    {
        Span<byte> attributes = stackalloc byte[LoadBytes];
        attributes.Clear();
        return Load(TracepointProgram, instructions, attributes, out program);
    }

    /// <summary>BPF_LINK_CREATE: ties a program to the iterator that it was loaded for.</summary>
    internal static Errno CreateLink(SafeFileDescriptor program, out SafeFileDescriptor link)
    {
        Span<byte> attributes = stackalloc byte[LinkBytes];
        attributes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(attributes, program.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[8..], IteratorAttachment);
        return Make(CreateLinkCommand, attributes, out link);
    }

    /// <summary>BPF_ITER_CREATE: a file whose reading walks the objects.</summary>
    internal static Errno CreateIterator(SafeFileDescriptor link, out SafeFileDescriptor iterator)
    {
        Span<byte> attributes = stackalloc byte[IteratorBytes];
        attributes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(attributes, link.Number);
        return Make(CreateIteratorCommand, attributes, out iterator);
    }

    /// <summary>BPF_RAW_TRACEPOINT_OPEN: the program runs at each pass, as long as the link is open.</summary>
    /// <param name="tracepoint">The tracepoint's name, with a NUL at its end.</param>
    /// <param name="program">The program.</param>
    /// <param name="link">What keeps it there.</param>
    internal static unsafe Errno OpenTracepoint(ReadOnlySpan<byte> tracepoint, SafeFileDescriptor program, out SafeFileDescriptor link)
    {
        Span<byte> attributes = stackalloc byte[TracepointBytes];
        attributes.Clear();
        fixed (byte* name = Terminated.Checked(tracepoint))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(attributes, (ulong)name);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], program.Number);
            return Make(OpenTracepointCommand, attributes, out link);
        }
    }

    /// <summary>BPF_MAP_CREATE of a queue (Linux 4.20).</summary>
    /// <returns>EPERM without CAP_BPF.</returns>
    internal static Errno CreateQueue(int valueBytes, int entries, out SafeFileDescriptor queue)
    {
        Span<byte> attributes = stackalloc byte[MapBytes];
        attributes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, QueueMap);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], valueBytes);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[12..], entries);
        return Make(CreateMapCommand, attributes, out queue);
    }

    /// <summary>BPF_MAP_LOOKUP_AND_DELETE_ELEM: takes the oldest element of a queue.</summary>
    /// <returns>ENOENT when it is empty.</returns>
    internal static unsafe Errno Take(SafeFileDescriptor queue, Span<byte> element)
    {
        Span<byte> attributes = stackalloc byte[ElementBytes];
        attributes.Clear();
        fixed (byte* start = element)
        {
            BinaryPrimitives.WriteInt32LittleEndian(attributes, queue.Number);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)start);
            return Call(TakeElementCommand, attributes, out _);
        }
    }

    private static unsafe Errno Load(uint kind, ReadOnlySpan<ulong> instructions, Span<byte> attributes, out SafeFileDescriptor program)
    {
        fixed (ulong* start = instructions)
        fixed (byte* licence = Licence)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(attributes, kind);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], instructions.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)start);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)licence);
            "bindwise"u8.CopyTo(attributes[48..]);
            return Make(LoadCommand, attributes, out program);
        }
    }

    private static Errno Make(int command, Span<byte> attributes, out SafeFileDescriptor made)
    {
        var errno = Call(command, attributes, out var result);
        made = new SafeFileDescriptor(result);
        return errno;
    }

    private static unsafe Errno Call(int command, Span<byte> attributes, out int result)
    {
        fixed (byte* pointer = attributes)
            result = (int)BpfCore(SystemCallNumber.Bpf, command, (nint)pointer, attributes.Length);
        return result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint BpfCore(nint number, nint command, nint attributes, nint lengthBytes);
}
