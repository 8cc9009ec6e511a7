using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Live.Recording;

/// <summary>
/// Writes the program that the kernel runs at each pass of the tracepoint sock:inet_sock_set_state: what goes on in one network namespace
/// it pushes to a queue as a <see cref="StateTracepointRecord"/>. All is read by bpf_probe_read_kernel, which cannot do harm.
/// </summary>
internal static class StateTracepointProgram
{
    private const byte LoadImmediate = 0x18; // BPF_LD | BPF_IMM | BPF_DW, of two instructions
    private const byte MapDescriptor = 1; // BPF_PSEUDO_MAP_FD
    private const int TimeSinceBoot = 5; // bpf_ktime_get_ns
    private const int PushElement = 87; // bpf_map_push_elem

    // struct sock_common, whose first members are unions without a name: two addresses, a hash, two ports, the family (include/net/sock.h).
    private const int FirstAddresses = 0;
    private const int FirstPorts = 12;

    private const short Change = -StateTracepointRecord.SizeBytes;
    private const short Scratch = Change - 8;

    /// <summary>Writes it.</summary>
    /// <param name="layout">This kernel's structures.</param>
    /// <param name="networkInode">The namespace's inode number.</param>
    /// <param name="queue">The queue's descriptor.</param>
    internal static ulong[] Write(StateTracepointLayout layout, uint networkInode, int queue)
    {
        var code = new Instructions();
        var ours = new Place();
        // r7: the socket; r8, r9: the states.
        code.Put(LoadDouble, 7, 1, 0);
        code.Put(LoadDouble, 8, 1, 8);
        code.Put(LoadDouble, 9, 1, 16);
        code.Put(Move, 3, 7);
        code.Follow(layout.Network, Scratch);
        code.Put(AddConstant, 3, constant: layout.NetworkInode);
        code.ReadKernel(Scratch, sizeof(uint));
        code.Put(LoadWord, 1, Stack, Scratch);
        code.PutJump(ours, JumpIfWordIs, 1, constant: unchecked((int)networkInode));
        code.Put(MoveConstant);
        code.Put(Exit);

        code.Mark(ours);
        code.Put(Call, constant: TimeSinceBoot);
        code.Put(StoreDouble, Stack, 0, Change);
        code.Put(StoreDouble, Stack, 7, Change + 8);
        Read(code, layout.Cookie, Change + 16, sizeof(ulong));
        code.Put(StoreWord, Stack, 8, Change + 24);
        code.Put(StoreWord, Stack, 9, Change + 28);
        Read(code, FirstAddresses, Change + 32, sizeof(ulong));
        // Ports and family; the last two bytes are written over.
        Read(code, FirstPorts, Change + 40, sizeof(ulong));
        Read(code, layout.NamePort, Change + 46, sizeof(ushort));
        Read(code, layout.RemoteIPv6, Change + 48, 16);
        Read(code, layout.LocalIPv6, Change + 64, 16);
        code.Put(LoadImmediate, 1, MapDescriptor, 0, queue);
        code.Put(0);
        code.Put(Move, 2, Stack);
        code.Put(AddConstant, 2, constant: Change);
        code.Put(MoveConstant, 3);
        code.Put(Call, constant: PushElement);
        code.Put(MoveConstant);
        code.Put(Exit);
        return code.ToArray();
    }

    private static void Read(Instructions code, int offset, short place, int sizeBytes)
    {
        code.Put(Move, 3, 7);
        code.Put(AddConstant, 3, constant: offset);
        code.ReadKernel(place, sizeBytes);
    }
}
