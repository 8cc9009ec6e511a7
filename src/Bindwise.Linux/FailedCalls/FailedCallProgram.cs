using static Bindwise.Linux.Bpf.Instructions;
using static Bindwise.Linux.FailedCalls.FailedCallCounting;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Writes the programs that see calls fail: one for the end of each of the kernel's own functions (fexit), or one for the end of all
/// system calls (the raw tracepoint sys_exit, where the registers still hold the arguments). It looks at the result before anything else:
/// of a call that worked it does no more. Of a bind() or listen() that failed, and of a connect() for want of a port (EADDRNOTAVAIL), it
/// counts those that are alike under one key of a table, and writes the first of them as a <see cref="FailedCallRecord"/> to the ring. All
/// is read by bpf_probe_read_kernel and bpf_probe_read_user, which cannot do harm.
/// </summary>
internal sealed class FailedCallProgram(FailedCallLayout layout, FailedCallReader reader)
{
    private const int Interrupted = 4, BadDescriptor = 9, TryAgain = 11, BadAddress = 14, NotSocket = 88, AddressNotAvailable = 99,
        TimedOut = 110, InProgress = 115, Restarts = 512;

    // struct sock_common begins with unions without a name: two addresses, a hash, two ports (include/net/sock.h).
    private const short CommonLocalIPv4 = 4;
    private const short CommonLocalPort = 14;

    // A reader in a PID namespace deeper than that gets no numbers (the kernel has 32 at most).
    private const int DeepestReader = 8;

    private const int KernelThread = 0x00200000; // PF_KTHREAD

    private readonly Instructions _code = new();
    private readonly Place _end = new();

    internal static ulong[] OfSystemCalls(FailedCallLayout layout, FailedCallReader reader)
    {
        var program = new FailedCallProgram(layout, reader);
        program.FilterSystemCall();
        program.FindTask();
        program.ReadTask();
        program.ReadProcess();
        program.FindSocket();
        program.ReadAddressOfProgram();
        return program.End();
    }

    internal static ulong[] OfFunction(FailedCallFunction function, FailedCallLayout layout, FailedCallReader reader)
    {
        var program = new FailedCallProgram(layout, reader);
        program.FilterFunction(function);
        program.FindTask();
        program.DropKernelThread();
        program.ReadTask();
        program.ReadProcess();
        program.ReadArguments(function.Call);
        return program.End();
    }

    /// <summary>
    /// Writes one for a raw tracepoint that returns half of the address at which the kernel has the inode of the running program's file.
    /// </summary>
    internal static ulong[] OfOwnInode(FailedCallLayout layout, bool isUpperHalf)
    {
        var program = new FailedCallProgram(layout, default);
        program._code.Put(Call, constant: CurrentTask);
        program._code.Put(Move, 9, 0);
        program.FollowToInode();
        program._code.Put(Move, 0, 3);
        program._code.Put(ShiftRightConstant, 0, constant: isUpperHalf ? 32 : 0);
        program._code.Put(Exit);
        return program._code.ToArray();
    }

    private ulong[] End()
    {
        FailedCallCounting.Write(_code, reader.Maps, _end);
        _code.Mark(_end);
        _code.Return();
        return _code.ToArray();
    }

    // r6: the arguments and, after them, what the function gave: an int, of which the upper half of the register says nothing. r7: that,
    // r8: the call.
    private void FilterFunction(FailedCallFunction function)
    {
        _code.Put(Move, 6, 1);
        _code.Put(LoadDouble, 7, 1, (short)(function.Parameters * sizeof(ulong)));
        _code.Put(ShiftLeftConstant, 7, constant: 32);
        _code.Put(ShiftRightSignedConstant, 7, constant: 32);
        _code.PutJump(_end, JumpIfNotNegative, 7);
        if (function.Call == PortEventCall.Connect)
            _code.PutJump(_end, JumpIfIsNot, 7, constant: -AddressNotAvailable);
        else
            DropWithoutAddress();
        _code.Put(MoveConstant, 8, constant: (int)function.Call);
        Begin();
    }

    // r6: the registers, r7: the result, r8: the call.
    private void FilterSystemCall()
    {
        _code.Put(LoadDouble, 7, 1, sizeof(ulong));
        _code.PutJump(_end, JumpIfNotNegative, 7);
        // What a server's calls give all day: nothing to do.
        foreach (var other in (int[])[TryAgain, InProgress, TimedOut])
            _code.PutJump(_end, JumpIfIs, 7, constant: -other);
        _code.Put(LoadDouble, 6, 1, 0);
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        _code.ReadMember(6, layout.CallNumber, Scratch, FailedCallLayout.CallNumberBytes);
        _code.Put(LoadDouble, 1, Stack, Scratch);
        var (bind, listen, connect) = (new Place(), new Place(), new Place());
        var wanted = new Place();
        _code.PutJump(bind, JumpIfIs, 1, constant: (int)(uint)SystemCallNumber.Bind);
        _code.PutJump(listen, JumpIfIs, 1, constant: (int)(uint)SystemCallNumber.Listen);
        _code.PutJump(connect, JumpIfIs, 1, constant: (int)(uint)SystemCallNumber.Connect);
        _code.PutJump(_end, Jump);

        _code.Mark(connect);
        _code.PutJump(_end, JumpIfIsNot, 7, constant: -AddressNotAvailable);
        _code.Put(MoveConstant, 8, constant: (int)PortEventCall.Connect);
        _code.PutJump(wanted, Jump);
        _code.Mark(listen);
        _code.Put(MoveConstant, 8, constant: (int)PortEventCall.Listen);
        var common = new Place();
        _code.PutJump(common, Jump);
        _code.Mark(bind);
        _code.Put(MoveConstant, 8, constant: (int)PortEventCall.Bind);
        _code.Mark(common);
        DropWithoutAddress();
        _code.Mark(wanted);
        Begin();
    }

    // No socket, or no call yet: nothing of addresses and ports.
    private void DropWithoutAddress()
    {
        foreach (var other in (int[])[Interrupted, BadDescriptor, BadAddress, NotSocket, Restarts])
            _code.PutJump(_end, JumpIfIs, 7, constant: -other);
    }

    private void Begin()
    {
        for (var place = Scratch; place < 0; place += sizeof(ulong))
            _code.Put(StoreDoubleConstant, Stack, 0, place);
        _code.Put(StoreHalf, Stack, 8, Alike + FailedCallAlike.CallAt);
        _code.Put(MoveConstant, 1);
        _code.Put(Subtract, 1, 7);
        _code.Put(StoreHalf, Stack, 1, Alike + FailedCallAlike.ErrorAt);
    }

    // What the kernel asks by itself, as NFS trying one port after the other, is no program's call; what it asks in a program's place, as
    // WireGuard when its device is set up, is.
    private void DropKernelThread()
    {
        _code.ReadMember(9, layout.TaskFlags, Scratch, sizeof(uint));
        _code.Put(LoadWord, 1, Stack, Scratch);
        _code.Put(AndConstant, 1, constant: KernelThread);
        _code.PutJump(_end, JumpIfIsNot, 1);
    }

    // r9: the task. A call of the reader's own program is none that it wants: an address of a kernel's structure, which no program can
    // choose, tells it, however short the process lives.
    private void FindTask()
    {
        _code.Put(Call, constant: CurrentTask);
        _code.Put(Move, 9, 0);
        if (reader.LeftOut is not (> 0 and var inode))
            return;
        FollowToInode();
        _code.LoadNumber(1, inode);
        _code.PutJump(_end, JumpIfEqual, 3, 1);
    }

    private void FollowToInode() => Follow(9, layout.Program.Memory, layout.Program.File, layout.Program.Inode);

    private void ReadTask()
    {
        _code.Put(Call, constant: TimeSinceBoot);
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.TimeAt);
        _code.Put(Call, constant: CurrentCgroup);
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.CgroupAt);
        _code.Put(Call, constant: CurrentProcessAndThread);
        // The thread in the lower half, the process in the upper one.
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.ThreadAt);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.FirstProcessAt);
        _code.Put(StoreWord, Stack, 1, Alike + FailedCallAlike.FirstProcessAt);
        _code.Put(MoveConstant, 1);
        _code.Put(StoreWord, Stack, 1, Record + FailedCallRecord.ThreadAt);
        Follow(9, layout.Process.Leader);
        Read(layout.ProgramName, Record + FailedCallRecord.ProgramAt, FailedCallRecord.NameBytes);
        Follow(9, layout.User.Credentials);
        Read(layout.User.User, Record + FailedCallRecord.UserAt, sizeof(uint));
        Follow(9, layout.NetworkOfTask.Namespaces, layout.NetworkOfTask.Network);
        Read(layout.NetworkInode, Alike + FailedCallAlike.NetworkAt, sizeof(uint));
    }

    // r7: struct pid. Its numbers are of each PID namespace from the first to its own; ours is most often the first.
    private void ReadProcess()
    {
        var done = new Place();
        Follow(9, layout.Process.Leader, layout.Process.Pid);
        _code.Put(Move, 7, 3);
        _code.ReadMember(7, layout.Process.Level, Record + FailedCallRecord.PidLevelAt, sizeof(int));
        for (var depth = 0; depth < DeepestReader; depth++)
        {
            var (found, next) = (new Place(), new Place());
            _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.PidLevelAt);
            _code.PutJump(done, JumpIfLessConstant, 1, constant: depth);
            Follow(7, layout.NumberAt(depth).Namespace);
            Read(layout.PidNamespaceInode, Scratch, sizeof(uint));
            _code.Put(LoadWord, 1, Stack, Scratch);
            _code.PutJump(found, JumpIfWordIs, 1, constant: unchecked((int)reader.PidNamespace));
            _code.PutJump(next, Jump);
            _code.Mark(found);
            _code.ReadMember(7, layout.NumberAt(depth).Number, Record + FailedCallRecord.ProcessAt, sizeof(int));
            Follow(9, layout.Process.Pid);
            _code.Put(Move, 7, 3);
            _code.ReadMember(7, layout.NumberAt(depth).Number, Record + FailedCallRecord.ThreadAt, sizeof(int));
            _code.PutJump(done, Jump);
            _code.Mark(next);
        }
        _code.Mark(done);
        if (reader.SeesAll)
            return;
        // In a container the programs of the host have no number, are none of its affairs, and must take nothing of the shares.
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.ProcessAt);
        _code.PutJump(_end, JumpIfIs, 1);
    }

    // r9: from the task to the socket's file, and to struct sock.
    private void FindSocket()
    {
        var none = new Place();
        _code.ReadMember(6, layout.FirstArgument, Scratch, sizeof(ulong));
        _code.Put(LoadWord, 7, Stack, Scratch);
        Follow(9, layout.Descriptors.Files, layout.Descriptors.Table);
        _code.Put(Move, 9, 3);
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        _code.ReadMember(9, layout.Descriptors.Limit, Scratch, sizeof(uint));
        _code.Put(LoadWord, 2, Stack, Scratch);
        _code.PutJump(none, JumpIfNotLess, 7, 2);
        Follow(9, layout.Descriptors.Entries);
        _code.Put(MultiplyConstant, 7, constant: sizeof(ulong));
        _code.Put(Add, 3, 7);
        _code.Follow(0, Scratch);
        _code.Put(Move, 9, 3);
        // What is no socket has other data: a socket leads back to its file.
        Follow(9, layout.Socket.Data, layout.Socket.File);
        _code.PutJump(none, JumpIfIs, 3);
        var isSocket = new Place();
        _code.PutJump(isSocket, JumpIfEqual, 3, 9);
        _code.PutJump(none, Jump);
        _code.Mark(isSocket);
        Follow(9, layout.Socket.Data, layout.Socket.Sock);
        ReadSock(none);
        _code.Mark(none);
    }

    // r3: struct sock, which r9 is from now on.
    private void ReadSock(Place none)
    {
        _code.PutJump(none, JumpIfIs, 3);
        _code.Put(Move, 9, 3);
        ReadOf(layout.Sock.Family, FailedCallRecord.FamilyAt, sizeof(ushort));
        ReadOf(layout.Sock.Type, FailedCallRecord.TypeAt, sizeof(ushort));
        ReadOf(layout.Sock.Protocol, FailedCallRecord.ProtocolAt, sizeof(ushort));
        ReadOf(layout.Sock.Options, FailedCallRecord.OptionsAt, sizeof(byte));
        ReadOf(layout.Sock.Device, FailedCallRecord.DeviceAt, sizeof(int));
        ReadOf(CommonLocalIPv4, FailedCallRecord.LocalIPv4At, sizeof(uint));
        ReadOf(CommonLocalPort, FailedCallRecord.LocalPortAt, sizeof(ushort));
        ReadOf(layout.Sock.LocalIPv6, FailedCallRecord.LocalIPv6At, 16);
        Follow(9, layout.Sock.Network);
        Read(layout.NetworkInode, Alike + FailedCallAlike.NetworkAt, sizeof(uint));
    }

    private void ReadAddressOfProgram()
    {
        var (given, done) = (new Place(), new Place());
        _code.PutJump(given, JumpIfIsNot, 8, constant: (int)PortEventCall.Listen);
        TakeOwnAddress();
        _code.PutJump(done, Jump);

        _code.Mark(given);
        _code.ReadMember(6, layout.ThirdArgument, Scratch, sizeof(ulong));
        _code.Put(LoadWord, 8, Stack, Scratch);
        _code.ReadMember(6, layout.SecondArgument, Scratch, sizeof(ulong));
        _code.Put(LoadDouble, 3, Stack, Scratch);
        ReadGiven(ProbeReadUser);
        _code.Mark(done);
    }

    // Of a function the first argument is struct socket; of bind() and connect() the next ones are the address, which the kernel has
    // copied, and its length.
    private void ReadArguments(PortEventCall call)
    {
        var none = new Place();
        _code.Put(LoadDouble, 9, 6, 0);
        Follow(9, layout.Socket.Sock);
        ReadSock(none);
        _code.Mark(none);
        if (call == PortEventCall.Listen)
        {
            TakeOwnAddress();
            return;
        }
        _code.Put(LoadDouble, 8, 6, 2 * sizeof(ulong));
        _code.Put(StoreWord, Stack, 8, Scratch);
        _code.Put(LoadWord, 8, Stack, Scratch);
        _code.Put(LoadDouble, 3, 6, sizeof(ulong));
        ReadGiven(ProbeReadKernel);
    }

    // What listen() is about: where the socket is bound.
    private void TakeOwnAddress()
    {
        _code.Put(LoadHalf, 1, Stack, Record + FailedCallRecord.FamilyAt);
        _code.Put(StoreWord, Stack, 1, Alike + FailedCallAlike.LengthAt);
        CopyOwnAddress(FailedCallAlike.GivenAt);
    }

    private void CopyOwnAddress(short to)
    {
        for (short at = 0; at < FailedCallRecord.LocalBytes; at += sizeof(ulong))
        {
            _code.Put(LoadDouble, 1, Stack, (short)(Record + FailedCallRecord.LocalIPv4At + at));
            _code.Put(StoreDouble, Stack, 1, (short)(Alike + to + at));
        }
    }

    // From r3, as many bytes as r8 says.
    private void ReadGiven(int helper)
    {
        var fits = new Place();
        _code.Put(StoreWord, Stack, 8, Alike + FailedCallAlike.LengthAt);
        _code.Put(Move, 2, 8);
        _code.PutJump(fits, JumpIfLessOrSame, 2, constant: FailedCallAlike.AddressLimit);
        _code.Put(MoveConstant, 2, constant: FailedCallAlike.AddressLimit);
        _code.Mark(fits);
        _code.PointToStack(1, Alike + FailedCallAlike.GivenAt);
        _code.Put(Call, constant: helper);
        AddOwnAddressOfConnect();
    }

    // Which connection it was to be its own address and port decide as well.
    private void AddOwnAddressOfConnect()
    {
        var other = new Place();
        _code.Put(LoadHalf, 1, Stack, Alike + FailedCallAlike.CallAt);
        _code.PutJump(other, JumpIfIsNot, 1, constant: (int)PortEventCall.Connect);
        CopyOwnAddress(FailedCallAlike.OwnAt);
        _code.Mark(other);
    }

    // r3: from what a register points to, from pointer to pointer.
    private void Follow(byte from, params ReadOnlySpan<int> offsets)
    {
        _code.Put(Move, 3, from);
        foreach (var offset in offsets)
            _code.Follow(offset, Scratch);
    }

    private void Read(int offset, short place, int sizeBytes)
    {
        _code.ReadMember(offset, place, sizeBytes);
    }

    private void ReadOf(int offset, short place, int sizeBytes) => _code.ReadMember(9, offset, (short)(Record + place), sizeBytes);
}
