using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Writes the program that the kernel runs at the end of each system call (the raw tracepoint sys_exit, where the registers still hold the
/// arguments). It looks at the result before anything else: of a call that worked it does no more. Of a bind() or listen() that failed, and
/// of
/// a connect() for want of a port (EADDRNOTAVAIL), it counts those that are alike under one key of a table, and writes the first of them
/// as a <see cref="FailedCallRecord"/> to the ring. All is read by bpf_probe_read_kernel and bpf_probe_read_user, which cannot do harm.
/// </summary>
internal sealed class FailedCallProgram
{
    private const int Interrupted = 4, BadDescriptor = 9, TryAgain = 11, BadAddress = 14, NotSocket = 88, AddressNotAvailable = 99,
        TimedOut = 110, InProgress = 115, Restarts = 512;

    // struct sock_common begins with unions without a name: two addresses, a hash, two ports (include/net/sock.h).
    private const short CommonLocalIPv4 = 4;
    private const short CommonLocalPort = 14;

    // On the stack: the record, what is counted at first, room for one number.
    private const short Record = -FailedCallRecord.SizeBytes;
    private const short Alike = Record + FailedCallRecord.AlikeAt;
    private const short Count = Record - FailedCallCount.SizeBytes;
    private const short Scratch = Count - 8;

    // A reader in a PID namespace deeper than that gets no numbers (the kernel has 32 at most).
    private const int DeepestReader = 8;

    private const int OnlyIfNew = 1; // BPF_NOEXIST

    private readonly Instructions _code = new();
    private readonly Place _end = new();
    private readonly FailedCallLayout _layout;
    private readonly FailedCallMaps _maps;

    private FailedCallProgram(FailedCallLayout layout, FailedCallMaps maps) => (_layout, _maps) = (layout, maps);

    /// <summary>Writes it.</summary>
    /// <param name="layout">This kernel's structures.</param>
    /// <param name="maps">What it writes to.</param>
    /// <param name="pidNamespace">The inode of the reader's PID namespace.</param>
    internal static ulong[] Write(FailedCallLayout layout, FailedCallMaps maps, uint pidNamespace)
    {
        var program = new FailedCallProgram(layout, maps);
        program.Filter();
        program.ReadTask();
        program.ReadProcess(pidNamespace);
        program.ReadSocket();
        program.ReadAddress();
        program.Tell();
        program._code.Mark(program._end);
        program._code.Return();
        return program._code.ToArray();
    }

    // r6: the registers, r7: the result, r8: the call.
    private void Filter()
    {
        _code.Put(LoadDouble, 7, 1, sizeof(ulong));
        _code.PutJump(_end, JumpIfNotNegative, 7);
        // What a server's calls give all day: nothing to do.
        foreach (var other in (int[])[TryAgain, InProgress, TimedOut])
            _code.PutJump(_end, JumpIfIs, 7, constant: -other);
        _code.Put(LoadDouble, 6, 1, 0);
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        _code.ReadMember(6, _layout.CallNumber, Scratch, FailedCallLayout.CallNumberBytes);
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
        // No socket, or no call yet: nothing of addresses and ports.
        foreach (var other in (int[])[Interrupted, BadDescriptor, BadAddress, NotSocket, Restarts])
            _code.PutJump(_end, JumpIfIs, 7, constant: -other);
        _code.Mark(wanted);
        for (var place = Scratch; place < 0; place += sizeof(ulong))
            _code.Put(StoreDoubleConstant, Stack, 0, place);
        _code.Put(StoreHalf, Stack, 8, Alike + FailedCallAlike.CallAt);
        _code.Put(MoveConstant, 1);
        _code.Put(Subtract, 1, 7);
        _code.Put(StoreHalf, Stack, 1, Alike + FailedCallAlike.ErrorAt);
    }

    // r9: the task.
    private void ReadTask()
    {
        _code.Put(Call, constant: TimeSinceBoot);
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.TimeAt);
        _code.Put(Call, constant: CurrentCgroup);
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.CgroupAt);
        _code.Put(Call, constant: CurrentProcessAndThread);
        // The thread in the lower half, the process in the upper one.
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.FirstThreadAt);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.FirstProcessAt);
        _code.Put(StoreWord, Stack, 1, Alike + FailedCallAlike.FirstProcessAt);
        _code.Put(Call, constant: CurrentTask);
        _code.Put(Move, 9, 0);

        Follow(9, _layout.Process.Leader);
        Read(_layout.ProgramName, Record + FailedCallRecord.ProgramAt, FailedCallRecord.NameBytes);
        Follow(9, _layout.User.Credentials);
        Read(_layout.User.User, Record + FailedCallRecord.UserAt, sizeof(uint));
        Follow(9, _layout.NetworkOfTask.Namespaces, _layout.NetworkOfTask.Network);
        Read(_layout.NetworkInode, Alike + FailedCallAlike.NetworkAt, sizeof(uint));
    }

    // r7: struct pid. Its numbers are of each PID namespace from the first to its own; ours is most often the first.
    private void ReadProcess(uint pidNamespace)
    {
        var done = new Place();
        Follow(9, _layout.Process.Leader, _layout.Process.Pid);
        _code.Put(Move, 7, 3);
        _code.ReadMember(7, _layout.Process.Level, Record + FailedCallRecord.PidLevelAt, sizeof(int));
        for (var depth = 0; depth < DeepestReader; depth++)
        {
            var (found, next) = (new Place(), new Place());
            _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.PidLevelAt);
            _code.PutJump(done, JumpIfLessConstant, 1, constant: depth);
            Follow(7, _layout.NumberAt(depth).Namespace);
            Read(_layout.PidNamespaceInode, Scratch, sizeof(uint));
            _code.Put(LoadWord, 1, Stack, Scratch);
            _code.PutJump(found, JumpIfWordIs, 1, constant: unchecked((int)pidNamespace));
            _code.PutJump(next, Jump);
            _code.Mark(found);
            _code.ReadMember(7, _layout.NumberAt(depth).Number, Record + FailedCallRecord.ProcessAt, sizeof(int));
            _code.PutJump(done, Jump);
            _code.Mark(next);
        }
        _code.Mark(done);
    }

    // r9: from the task to the socket's file, and to struct sock.
    private void ReadSocket()
    {
        var none = new Place();
        _code.ReadMember(6, _layout.FirstArgument, Scratch, sizeof(ulong));
        _code.Put(LoadWord, 1, Stack, Scratch);
        _code.Put(StoreWord, Stack, 1, Record + FailedCallRecord.DescriptorAt);
        Follow(9, _layout.Descriptors.Files, _layout.Descriptors.Table);
        _code.Put(Move, 9, 3);
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        _code.ReadMember(9, _layout.Descriptors.Limit, Scratch, sizeof(uint));
        _code.Put(LoadWord, 2, Stack, Scratch);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.DescriptorAt);
        _code.PutJump(none, JumpIfNotLess, 1, 2);
        Follow(9, _layout.Descriptors.Entries);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.DescriptorAt);
        _code.Put(MultiplyConstant, 1, constant: sizeof(ulong));
        _code.Put(Add, 3, 1);
        _code.Follow(0, Scratch);
        _code.Put(Move, 9, 3);
        // What is no socket has other data: a socket leads back to its file.
        Follow(9, _layout.Socket.Data, _layout.Socket.File);
        _code.PutJump(none, JumpIfIs, 3);
        var isSocket = new Place();
        _code.PutJump(isSocket, JumpIfEqual, 3, 9);
        _code.PutJump(none, Jump);
        _code.Mark(isSocket);
        Follow(9, _layout.Socket.Data, _layout.Socket.Sock);
        _code.PutJump(none, JumpIfIs, 3);
        _code.Put(Move, 9, 3);
        ReadOf(_layout.Sock.Family, FailedCallRecord.FamilyAt, sizeof(ushort));
        ReadOf(_layout.Sock.Type, FailedCallRecord.TypeAt, sizeof(ushort));
        ReadOf(_layout.Sock.Protocol, FailedCallRecord.ProtocolAt, sizeof(ushort));
        ReadOf(_layout.Sock.Options, FailedCallRecord.OptionsAt, sizeof(byte));
        ReadOf(_layout.Sock.Device, FailedCallRecord.DeviceAt, sizeof(int));
        ReadOf(CommonLocalIPv4, FailedCallRecord.LocalIPv4At, sizeof(uint));
        ReadOf(CommonLocalPort, FailedCallRecord.LocalPortAt, sizeof(ushort));
        ReadOf(_layout.Sock.LocalIPv6, FailedCallRecord.LocalIPv6At, 16);
        Follow(9, _layout.Sock.Network);
        Read(_layout.NetworkInode, Alike + FailedCallAlike.NetworkAt, sizeof(uint));
        _code.Mark(none);
    }

    private void ReadAddress()
    {
        var (given, done) = (new Place(), new Place());
        _code.PutJump(given, JumpIfIsNot, 8, constant: (int)PortEventCall.Listen);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.DescriptorAt);
        _code.Put(StoreWord, Stack, 1, Alike + FailedCallAlike.LengthAt);
        _code.PutJump(done, Jump);

        _code.Mark(given);
        _code.ReadMember(6, _layout.ThirdArgument, Scratch, sizeof(ulong));
        _code.Put(LoadWord, 8, Stack, Scratch);
        _code.Put(StoreWord, Stack, 8, Alike + FailedCallAlike.LengthAt);
        _code.ReadMember(6, _layout.SecondArgument, Scratch, sizeof(ulong));
        var fits = new Place();
        _code.Put(Move, 2, 8);
        _code.PutJump(fits, JumpIfLessOrSame, 2, constant: FailedCallAlike.AddressLimit);
        _code.Put(MoveConstant, 2, constant: FailedCallAlike.AddressLimit);
        _code.Mark(fits);
        _code.PointToStack(1, Alike + FailedCallAlike.GivenAt);
        _code.Put(LoadDouble, 3, Stack, Scratch);
        _code.Put(Call, constant: ProbeReadUser);
        _code.Mark(done);
    }

    // The first of a key goes to the ring, the others are counted. A user has a share of the table and so of the ring, which holds as many
    // records: what is beyond it, of that user or of all, is counted as lost.
    private void Tell()
    {
        var (first, lost, alone) = (new Place(), new Place(), new Place());
        LookUp(first);
        CountOnce();
        _code.Mark(first);
        FindShares();
        _code.Put(LoadDouble, 1, 7, FailedCallShare.OpenAt);
        _code.PutJump(lost, JumpIfMoreThan, 1, constant: FailedCallShare.MostOfUser - 1);
        // No more than is left: whoever comes later still has as much as that.
        _code.Put(LoadDouble, 2, 8, FailedCallShare.OpenAt);
        _code.Put(Add, 1, 2);
        _code.PutJump(lost, JumpIfMoreThan, 1, constant: FailedCallTap.MostAlike - 1);
        AddToShares(1, FailedCallShare.OpenAt);
        _code.LoadMap(_maps.Counts);
        _code.PointToStack(2, Alike);
        _code.PointToStack(3, Count);
        _code.Put(MoveConstant, 4, constant: OnlyIfNew);
        _code.Put(Call, constant: UpdateElement);
        _code.PutJump(alone, JumpIfIs, 0);
        // Another processor was first.
        AddToShares(-1, FailedCallShare.OpenAt);
        LookUp(lost);
        CountOnce();

        _code.Mark(alone);
        _code.LoadMap(_maps.Ring);
        _code.PointToStack(2, Record);
        _code.Put(MoveConstant, 3, constant: FailedCallRecord.SizeBytes);
        _code.Put(MoveConstant, 4);
        _code.Put(Call, constant: WriteToRing);
        _code.PutJump(_end, JumpIfIs, 0);
        _code.LoadMap(_maps.Counts);
        _code.PointToStack(2, Alike);
        _code.Put(Call, constant: DeleteElement);
        AddToShares(-1, FailedCallShare.OpenAt);
        _code.Mark(lost);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.UserAt);
        _code.Put(StoreDouble, 7, 1, FailedCallShare.UserAt);
        AddToShares(1, FailedCallShare.LostAt);
    }

    // r7: the share of the call's user, r8: what all have taken. Both are always there.
    private void FindShares()
    {
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        FindShare(8);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.UserAt);
        _code.Put(AndConstant, 1, constant: FailedCallShare.Users - 1);
        _code.Put(AddConstant, 1, constant: FailedCallShare.FirstUser);
        _code.Put(StoreWord, Stack, 1, Scratch);
        FindShare(7);
    }

    private void FindShare(byte register)
    {
        _code.LoadMap(_maps.Shares);
        _code.PointToStack(2, Scratch);
        _code.Put(Call, constant: LookUpElement);
        _code.PutJump(_end, JumpIfIs, 0);
        _code.Put(Move, register, 0);
    }

    private void AddToShares(int number, short place)
    {
        _code.Put(MoveConstant, 1, constant: number);
        _code.Put(AddToDouble, 7, 1, place);
        _code.Put(AddToDouble, 8, 1, place);
    }

    // r0: what is counted under the key.
    private void LookUp(Place none)
    {
        _code.LoadMap(_maps.Counts);
        _code.PointToStack(2, Alike);
        _code.Put(Call, constant: LookUpElement);
        _code.PutJump(none, JumpIfIs, 0);
    }

    private void CountOnce()
    {
        _code.Put(MoveConstant, 1, constant: 1);
        _code.Put(AddToDouble, 0, 1, FailedCallCount.MoreAt);
        _code.Put(LoadDouble, 1, Stack, Record + FailedCallRecord.TimeAt);
        _code.Put(StoreDouble, 0, 1, FailedCallCount.LastTimeAt);
        _code.PutJump(_end, Jump);
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
        _code.Put(AddConstant, 3, constant: offset);
        _code.ReadKernel(place, sizeBytes);
    }

    private void ReadOf(int offset, short place, int sizeBytes) => _code.ReadMember(9, offset, (short)(Record + place), sizeBytes);
}

/// <summary>The descriptors of the maps to which the program writes.</summary>
/// <param name="Ring">The ring, for the first of each key.</param>
/// <param name="Counts">A hash table from <see cref="FailedCallAlike"/> to <see cref="FailedCallCount"/>.</param>
/// <param name="Shares">An array of <see cref="FailedCallShare"/>.</param>
internal readonly record struct FailedCallMaps(int Ring, int Counts, int Shares);
