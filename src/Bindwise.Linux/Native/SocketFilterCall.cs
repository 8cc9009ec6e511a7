using System.Runtime.InteropServices;

namespace Bindwise.Linux.Native;

/// <summary>SO_ATTACH_FILTER (socket(7)): a classic BPF program decides which packets reach a socket, and how much of each.</summary>
internal static class SocketFilterCall
{
    // Operations of struct sock_filter (include/uapi/linux/filter.h).
    internal const ushort LoadByte = 0x30;
    internal const ushort And = 0x54;
    internal const ushort JumpIfEqual = 0x15;
    internal const ushort JumpIfAnySet = 0x45;
    internal const ushort Return = 0x06;

    /// <summary>SKF_NET_OFF: offsets from here on are of the network header.</summary>
    internal const uint NetworkHeader = 0xfff0_0000;

    private const int AttachFilter = 26;

    /// <summary>struct sock_fprog on 64 bits.</summary>
    private const int ProgramBytes = 16;

    /// <summary>struct sock_filter: eight bytes in one number, little-endian.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="value">Its operand.</param>
    /// <param name="ifTrue">How many instructions a jump leaves out when it is true.</param>
    /// <param name="ifFalse">And when it is not.</param>
    internal static ulong Encode(ushort operation, uint value, byte ifTrue = 0, byte ifFalse = 0) =>
        operation | ((ulong)ifTrue << 16) | ((ulong)ifFalse << 24) | ((ulong)value << 32);

    /// <summary>Attaches a program in place of the one before.</summary>
    internal static unsafe Errno Attach(SafeFileDescriptor socket, ReadOnlySpan<ulong> program)
    {
        Span<byte> value = stackalloc byte[ProgramBytes];
        value.Clear();
        fixed (ulong* start = program)
        {
            MemoryMarshal.Write(value, (ushort)program.Length);
            MemoryMarshal.Write(value[8..], (ulong)start);
            return SocketOptionCall.Set(socket, SocketOptionCall.LevelSocket, AttachFilter, value);
        }
    }
}
