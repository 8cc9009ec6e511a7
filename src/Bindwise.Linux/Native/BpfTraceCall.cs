using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>
/// bpf(2), by number, as far as a program on a tracepoint needs it that writes to a queue. Nothing is pinned: all ends with the last
/// descriptor. Field offsets are those of union bpf_attr (include/uapi/linux/bpf.h).
/// </summary>
internal static partial class BpfTraceCall
{
    private const int CreateMapCommand = 0;
    private const int LoadCommand = 5;
    private const int OpenTracepointCommand = 17;
    private const int TakeElementCommand = 21;
    private const uint QueueMap = 22;
    private const uint TracepointProgram = 17;

    private static readonly nint Number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 321 : 280;

    // The kernel lends bpf_probe_read_kernel only to programs whose licence goes with its own.
    private static ReadOnlySpan<byte> Licence => "Dual MIT/GPL\0"u8;

    /// <summary>BPF_MAP_CREATE of a queue (Linux 4.20).</summary>
    /// <returns>EPERM without CAP_BPF.</returns>
    internal static Errno CreateQueue(int valueBytes, int entries, out SafeFileDescriptor queue)
    {
        Span<byte> attributes = stackalloc byte[48];
        attributes.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(attributes, QueueMap);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], valueBytes);
        BinaryPrimitives.WriteInt32LittleEndian(attributes[12..], entries);
        return Call(CreateMapCommand, attributes, out queue);
    }

    /// <summary>BPF_PROG_LOAD of a program for a raw tracepoint; close-on-exec.</summary>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON; EINVAL or EACCES when the verifier refuses.</returns>
    internal static unsafe Errno Load(ReadOnlySpan<ulong> instructions, out SafeFileDescriptor program)
    {
        Span<byte> attributes = stackalloc byte[120];
        attributes.Clear();
        fixed (ulong* start = instructions)
        fixed (byte* licence = Licence)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(attributes, TracepointProgram);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], instructions.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)start);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)licence);
            "bindwise"u8.CopyTo(attributes[48..]);
            return Call(LoadCommand, attributes, out program);
        }
    }

    /// <summary>BPF_RAW_TRACEPOINT_OPEN: the program runs at each pass, as long as the link is open.</summary>
    /// <param name="tracepoint">The tracepoint's name, with a NUL at its end.</param>
    /// <param name="program">The program.</param>
    /// <param name="link">What keeps it there.</param>
    internal static unsafe Errno Open(ReadOnlySpan<byte> tracepoint, SafeFileDescriptor program, out SafeFileDescriptor link)
    {
        Span<byte> attributes = stackalloc byte[16];
        attributes.Clear();
        fixed (byte* name = Terminated.Checked(tracepoint))
        {
            BinaryPrimitives.WriteUInt64LittleEndian(attributes, (ulong)name);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[8..], program.Number);
            return Call(OpenTracepointCommand, attributes, out link);
        }
    }

    /// <summary>BPF_MAP_LOOKUP_AND_DELETE_ELEM: takes the oldest element of a queue.</summary>
    /// <returns>ENOENT when it is empty.</returns>
    internal static unsafe Errno Take(SafeFileDescriptor queue, Span<byte> element)
    {
        Span<byte> attributes = stackalloc byte[32];
        attributes.Clear();
        fixed (byte* start = element)
        {
            BinaryPrimitives.WriteInt32LittleEndian(attributes, queue.Number);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)start);
            fixed (byte* pointer = attributes)
                return BpfCore(Number, TakeElementCommand, (nint)pointer, attributes.Length) < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
        }
    }

    private static unsafe Errno Call(int command, Span<byte> attributes, out SafeFileDescriptor made)
    {
        fixed (byte* pointer = attributes)
        {
            var result = BpfCore(Number, command, (nint)pointer, attributes.Length);
            var errno = result < 0 ? (Errno)Marshal.GetLastPInvokeError() : Errno.None;
            made = new SafeFileDescriptor((int)result);
            return errno;
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint BpfCore(nint number, nint command, nint attributes, nint lengthBytes);
}
