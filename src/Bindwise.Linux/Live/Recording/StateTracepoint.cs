using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.Instructions;
using static Bindwise.Linux.Bpf.KernelMembers;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Live.Recording;

/// <summary>
/// Listens to the tracepoint sock:inet_sock_set_state, as far as it tells of one network namespace. Nothing of it outlives its descriptors.
/// </summary>
internal sealed class StateTracepoint(SafeFileDescriptor queue, SafeFileDescriptor program, SafeFileDescriptor link) : IDisposable
{
    // More than a scenario's step calls forth.
    private const int QueueEntries = 8_192;

    /// <summary>Opens one for a namespace; null where this user may not, or this kernel cannot.</summary>
    internal static StateTracepoint? TryOpen(SafeFileDescriptor networkNamespace)
    {
        if (StatX.OfDescriptor(networkNamespace.Number, out var status) != Errno.None
            || StateTracepointLayout.OfThisKernel() is not { } layout)
            return null;
        var errno = BpfMapCall.CreateQueue(StateTracepointRecord.SizeBytes, QueueEntries, out var queue);
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

    internal void Drain(List<StateTracepointRecord> changes)
    {
        Span<StateTracepointRecord> change = stackalloc StateTracepointRecord[1];
        while (BpfMapCall.Take(queue, MemoryMarshal.AsBytes(change)) == Errno.None)
            changes.Add(change[0]);
    }

    public void Dispose()
    {
        link.Dispose();
        program.Dispose();
        queue.Dispose();
    }
}

/// <summary>
/// Writes the program that the kernel runs at each pass of the tracepoint sock:inet_sock_set_state: what goes on in one network namespace
/// it pushes to a queue as a <see cref="StateTracepointRecord"/>. All is read by bpf_probe_read_kernel, which cannot do harm.
/// </summary>
internal static class StateTracepointProgram
{
    // struct sock_common, whose first members are unions without a name: two addresses, a hash, two ports, the family (include/net/sock.h).
    private const int FirstAddresses = 0;
    private const int FirstPorts = 12;
    private const short Change = -StateTracepointRecord.SizeBytes;
    private const short Scratch = Change - 8;

    internal static ulong[] Write(StateTracepointLayout layout, uint networkInode, int queue)
    {
        var code = new Instructions();
        var ours = new Place();
        // r7: the socket; r8, r9: the states.
        code.Put(LoadDouble, 7, 1, 0);
        code.Put(LoadDouble, 8, 1, 8);
        code.Put(LoadDouble, 9, 1, 16);
        code.Follow(7, layout.Network, Scratch);
        code.ReadMember(layout.NetworkInode, Scratch, sizeof(uint));
        code.Put(LoadWord, 1, Stack, Scratch);
        code.PutJump(ours, JumpIfWordIs, 1, constant: unchecked((int)networkInode));
        code.Return();

        code.Mark(ours);
        code.Put(Call, constant: TimeSinceBoot);
        code.Put(StoreDouble, Stack, 0, Change);
        code.Put(StoreDouble, Stack, 7, Change + 8);
        code.ReadMember(7, layout.Cookie, Change + 16, sizeof(ulong));
        code.Put(StoreWord, Stack, 8, Change + 24);
        code.Put(StoreWord, Stack, 9, Change + 28);
        code.ReadMember(7, FirstAddresses, Change + 32, sizeof(ulong));
        // Ports and family; the last two bytes are written over.
        code.ReadMember(7, FirstPorts, Change + 40, sizeof(ulong));
        code.ReadMember(7, layout.NamePort, Change + 46, sizeof(ushort));
        code.ReadMember(7, layout.RemoteIPv6, Change + 48, 16);
        code.ReadMember(7, layout.LocalIPv6, Change + 64, 16);
        code.LoadMap(queue);
        code.PointToStack(2, Change);
        code.Put(MoveConstant, 3);
        code.Put(Call, constant: PushElement);
        code.Return();
        return code.ToArray();
    }
}

/// <summary>What <see cref="StateTracepointProgram"/> must know of this kernel. Offsets in bytes.</summary>
internal sealed class StateTracepointLayout(KernelPlaces found)
{
    /// <summary>Where skc_family stands as long as what is before it is as the program takes it.</summary>
    private const int FamilyAsKnown = 16;

    /// <summary>struct sock_common: skc_net.</summary>
    internal int Network => found[NetworkOfCommon];

    /// <summary>struct sock_common: skc_cookie.</summary>
    internal int Cookie => found[CookieOfCommon];

    /// <summary>struct sock_common: skc_v6_daddr.</summary>
    internal int RemoteIPv6 => found[RemoteOfCommon];

    /// <summary>struct sock_common: skc_v6_rcv_saddr.</summary>
    internal int LocalIPv6 => found[LocalOfCommon];

    /// <summary>struct inet_sock: inet_sport.</summary>
    internal int NamePort => found[PortOfSocket];

    /// <summary>struct net: ns, and its member inum.</summary>
    internal int NetworkInode => found[CommonPartOfNetwork] + found[NumberOfNamespace];

    private static readonly KernelPlace RemoteOfCommon = KernelPlace.Offset("sock_common", "skc_v6_daddr");
    private static readonly KernelPlace PortOfSocket = KernelPlace.Offset("inet_sock", "inet_sport");
    private static readonly KernelLayout<StateTracepointLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static StateTracepointLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing or misplaced.</summary>
    internal static StateTracepointLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation, [FamilyOfCommon, NetworkOfCommon, CookieOfCommon, RemoteOfCommon, LocalOfCommon,
            PortOfSocket, CommonPartOfNetwork, NumberOfNamespace]);
        return found is null || found[FamilyOfCommon] != FamilyAsKnown ? null : new StateTracepointLayout(found);
    }
}

/// <summary>What <see cref="StateTracepointProgram"/> writes for one pass of the tracepoint sock:inet_sock_set_state.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct StateTracepointRecord
{
    /// <summary>CLOCK_MONOTONIC.</summary>
    internal ulong Nanoseconds;

    /// <summary>The socket's place in the kernel: the same one as long as the socket lives.</summary>
    internal ulong Socket;

    /// <summary>Its cookie; 0 as long as nobody asked for it.</summary>
    internal ulong Cookie;

    internal uint From;
    internal uint To;

    /// <summary>skc_daddr, skc_rcv_saddr.</summary>
    internal uint RemoteNetwork;
    internal uint LocalNetwork;

    /// <summary>skc_dport in network order, skc_num, and skc_family.</summary>
    internal ushort RemotePortNetwork;
    internal ushort LocalPort;
    internal ushort Family;

    /// <summary>inet_sport in network order: stays when the port was given back.</summary>
    internal ushort NamePortNetwork;

    internal AddressBytes RemoteIPv6;
    internal AddressBytes LocalIPv6;

    internal const int SizeBytes = 80;
}
