using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>
/// bpf(2), by number, as far as an iterator needs it. Nothing is pinned: all ends with the last descriptor.
/// Field offsets are those of union bpf_attr (include/uapi/linux/bpf.h).
/// </summary>
internal static partial class BpfCall
{
    private const int LoadCommand = 5;
    private const int CreateLinkCommand = 28;
    private const int CreateIteratorCommand = 33;
    private const uint TracingProgram = 26;
    private const uint IteratorAttachment = 28;
    private const int LoadBytes = 120;
    private const int LinkBytes = 64;
    private const int IteratorBytes = 8;

    private static readonly nint Number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 321 : 280;

    // The kernel lends bpf_seq_write and bpf_probe_read_kernel only to programs whose licence goes with its own.
    private static ReadOnlySpan<byte> Licence => "Dual MIT/GPL\0"u8;

    /// <summary>BPF_PROG_LOAD of an iterator's program (BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER); close-on-exec.</summary>
    /// <param name="instructions">struct bpf_insn, one a number.</param>
    /// <param name="function">The BTF id of the function that stands for the iterator, such as bpf_iter_task_file.</param>
    /// <param name="program">The program; invalid on failure.</param>
    /// <returns>EPERM without CAP_BPF and CAP_PERFMON; EINVAL or EACCES when the verifier refuses.</returns>
    internal static unsafe Errno LoadIterator(ReadOnlySpan<ulong> instructions, int function, out SafeFileDescriptor program)
    {
        Span<byte> attributes = stackalloc byte[LoadBytes];
        attributes.Clear();
        fixed (ulong* start = instructions)
        fixed (byte* licence = Licence)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(attributes, TracingProgram);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[4..], instructions.Length);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[8..], (ulong)start);
            BinaryPrimitives.WriteUInt64LittleEndian(attributes[16..], (ulong)licence);
            "bindwise"u8.CopyTo(attributes[48..]);
            BinaryPrimitives.WriteUInt32LittleEndian(attributes[68..], IteratorAttachment);
            BinaryPrimitives.WriteInt32LittleEndian(attributes[108..], function);
            return Call(LoadCommand, attributes, out program);
        }
    }

    /// <summary>BPF_LINK_CREATE: ties a program to the iterator that it was loaded for.</summary>
    internal static Errno CreateLink(SafeFileDescriptor program, out SafeFileDescriptor link)
    {
        Span<byte> attributes = stackalloc byte[LinkBytes];
        attributes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(attributes, program.Number);
        BinaryPrimitives.WriteUInt32LittleEndian(attributes[8..], IteratorAttachment);
        return Call(CreateLinkCommand, attributes, out link);
    }

    /// <summary>BPF_ITER_CREATE: a file whose reading walks the objects.</summary>
    internal static Errno CreateIterator(SafeFileDescriptor link, out SafeFileDescriptor iterator)
    {
        Span<byte> attributes = stackalloc byte[IteratorBytes];
        attributes.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(attributes, link.Number);
        return Call(CreateIteratorCommand, attributes, out iterator);
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
