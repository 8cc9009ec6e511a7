using Bindwise.Linux.Native;
using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Writes the program that the kernel runs at the end of each system call (raw tracepoint sys_exit). It looks at the result first, so that a
/// call that works costs a comparison; then at the call's number; and writes a <see cref="FailedCallRecord"/> for one that failed for a
/// reason of addresses. What is like one that was told a moment ago is only counted. A user, and each network namespace of a user, may
/// fill only so much a second: what goes beyond is counted as lost. All is read by bpf_probe_read_kernel and bpf_probe_read_user, which
/// cannot do harm.
/// </summary>
internal sealed class FailedCallProgram
{
    /// <summary>So many different failures a second are told of a user.</summary>
    internal const int OfUser = 2000;

    /// <summary>The same of a user in one network namespace.</summary>
    internal const int OfNetwork = 1000;

    private const short Record = -FailedCallRecord.SizeBytes;
    private const short Key = Record - FailedCallKey.SizeBytes;
    private const short Count = Key - FailedCallCount.SizeBytes;
    private const short Scratch = Count - 8;
    private const short Other = Scratch - 8;

    // PID namespaces deeper than this have no number here; nested containers have three.
    private const int Depths = 6;

    // Seconds of 2^30 nanoseconds.
    private const int SecondShift = 30;

    private static readonly Errno[] Reasons =
    [
        Errno.EADDRINUSE, Errno.EADDRNOTAVAIL, Errno.EACCES, Errno.EPERM, Errno.EINVAL, Errno.EOPNOTSUPP, Errno.EAFNOSUPPORT, Errno.ENOENT,
        Errno.ENOTDIR, Errno.EROFS, Errno.ELOOP, Errno.ENAMETOOLONG, Errno.ENODEV, Errno.ENOSPC, Errno.ENOMEM, Errno.ENOBUFS,
    ];

    private readonly Instructions _code = new();
    private readonly Place _end = new();
    private readonly Place _lost = new();
    private readonly FailedCallLayout _layout;
    private readonly FailedCallMaps _maps;

    private FailedCallProgram(FailedCallLayout layout, FailedCallMaps maps) => (_layout, _maps) = (layout, maps);

    /// <summary>Writes it.</summary>
    /// <param name="layout">This kernel's structures.</param>
    /// <param name="maps">The maps' descriptors.</param>
    /// <param name="pidNamespace">The inode of this process's PID namespace.</param>
    /// <param name="self">This process there, whose failures are left out.</param>
    internal static ulong[] Write(FailedCallLayout layout, FailedCallMaps maps, uint pidNamespace, int self)
    {
        var program = new FailedCallProgram(layout, maps);
        program.Filter();
        program.ReadAddress();
        program.ReadTask(pidNamespace, self);
        program.ReadSocket();
        program.Fold();
        program.Send();
        return program._code.ToArray();
    }

    // r6: struct pt_regs; r7: the errno.
    private void Filter()
    {
        var (isWanted, isBind, isListen, isConnect) = (new Place(), new Place(), new Place(), new Place());
        _code.Put(LoadDouble, 7, 1, 8);
        _code.PutJump(_end, JumpIfNotNegative, 7);
        _code.Put(Negate, 7);
        foreach (var errno in Reasons)
            _code.PutJump(isWanted, JumpIfIs, 7, constant: (int)errno);
        _code.PutJump(_end, Jump);

        _code.Mark(isWanted);
        _code.Put(LoadDouble, 6, 1, 0);
        _code.ReadMember(6, _layout.Call, Scratch, sizeof(int));
        _code.Put(LoadWord, 8, Stack, Scratch);
        _code.PutJump(isBind, JumpIfIs, 8, constant: (int)(nint)SystemCallNumber.Bind);
        _code.PutJump(isListen, JumpIfIs, 8, constant: (int)(nint)SystemCallNumber.Listen);
        _code.PutJump(_end, JumpIfIsNot, 8, constant: (int)(nint)SystemCallNumber.Connect);
        _code.PutJump(isConnect, JumpIfIs, 7, constant: (int)Errno.EADDRNOTAVAIL);
        _code.PutJump(_end, Jump);

        var isKnown = new Place();
        PutCall(isBind, 0, isKnown);
        PutCall(isListen, 1, isKnown);
        PutCall(isConnect, 2, isKnown);
        _code.Mark(isKnown);
        for (var place = Record; place < 0; place += sizeof(ulong))
            _code.Put(StoreDoubleConstant, Stack, 0, place);
        _code.Put(StoreWord, Stack, 7, Record + FailedCallRecord.ErrnoPlace);
        _code.Put(StoreWord, Stack, 8, Record + FailedCallRecord.CallPlace);
        _code.ReadMember(6, _layout.Arguments.First, Scratch, sizeof(ulong));
        _code.Put(LoadWord, 1, Stack, Scratch);
        _code.Put(StoreWord, Stack, 1, Record + FailedCallRecord.DescriptorPlace);
    }

    private void PutCall(Place place, int call, Place next)
    {
        _code.Mark(place);
        _code.Put(MoveConstant, 8, constant: call);
        _code.PutJump(next, Jump);
    }

    // r8: the call.
    private void ReadAddress()
    {
        var (isRead, isShort, isOurs) = (new Place(), new Place(), new Place());
        _code.PutJump(isRead, JumpIfIs, 8, constant: 1);
        _code.ReadMember(6, _layout.Arguments.Second, Other, sizeof(ulong));
        _code.ReadMember(6, _layout.Arguments.Third, Scratch, sizeof(ulong));
        _code.Put(LoadWord, 2, Stack, Scratch);
        _code.PutJump(isShort, JumpIfLessConstant, 2, constant: FailedCallAddress.SizeBytes + 1);
        _code.Put(MoveConstant, 2, constant: FailedCallAddress.SizeBytes);
        _code.Mark(isShort);
        _code.Put(StoreWord, Stack, 2, Record + FailedCallRecord.LengthPlace);
        _code.PointToStack(1, Record + FailedCallRecord.AddressPlace);
        _code.Put(LoadDouble, 3, Stack, Other);
        _code.Put(Call, constant: ProbeReadUser);
        _code.Put(LoadHalf, 1, Stack, Record + FailedCallRecord.AddressPlace);
        _code.PutJump(isOurs, JumpIfIs, 1, constant: (int)SocketCall.FamilyUnix);
        _code.PutJump(isOurs, JumpIfIs, 1, constant: (int)SocketCall.FamilyIPv4);
        _code.PutJump(_end, JumpIfIsNot, 1, constant: (int)SocketCall.FamilyIPv6);
        _code.Mark(isOurs);
        _code.Mark(isRead);
    }

    // r8: the task from here on; r9: what it points to.
    private void ReadTask(uint pidNamespace, int self)
    {
        _code.Put(Call, constant: CurrentTask);
        _code.Put(Move, 8, 0);
        _code.PointToStack(1, Record + FailedCallRecord.NamePlace);
        _code.Put(MoveConstant, 2, constant: 16);
        _code.Put(Call, constant: CurrentName);
        _code.Put(Call, constant: CurrentCgroup);
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.CgroupPlace);
        _code.Put(Call, constant: TimeSinceBoot);
        _code.Put(StoreDouble, Stack, 0, Record + FailedCallRecord.TimePlace);
        _code.Put(Call, constant: CurrentIds);
        _code.Put(ShiftRightConstant, 0, constant: 32);
        _code.Put(StoreWord, Stack, 0, Record + FailedCallRecord.GlobalPlace);

        _code.Put(Move, 3, 8);
        _code.Follow(_layout.TaskNamespaces, Scratch);
        _code.Follow(_layout.NamespacesNetwork, Scratch);
        _code.Put(AddConstant, 3, constant: _layout.NetworkInode);
        _code.ReadKernel(Record + FailedCallRecord.NetworkPlace, sizeof(uint));

        _code.Put(Move, 3, 8);
        _code.Follow(_layout.TaskCredentials, Scratch);
        _code.Put(Move, 9, 3);
        _code.ReadMember(9, _layout.EffectiveUser, Record + FailedCallRecord.UserPlace, sizeof(uint));
        _code.ReadMember(9, _layout.EffectiveCapabilities, Record + FailedCallRecord.CapabilitiesPlace, sizeof(ulong));
        _code.Put(Move, 3, 9);
        _code.Follow(_layout.UserNamespace, Scratch);
        _code.Put(AddConstant, 3, constant: _layout.UserNamespaceInode);
        _code.ReadKernel(Record + FailedCallRecord.UserNamespacePlace, sizeof(uint));

        _code.Put(Move, 3, 8);
        _code.Follow(_layout.TaskLeader, Scratch);
        _code.Put(Move, 9, 3);
        _code.ReadMember(9, _layout.TaskStarted, Record + FailedCallRecord.StartedPlace, sizeof(ulong));
        _code.Put(Move, 3, 9);
        _code.Follow(_layout.TaskPid, Scratch);
        _code.Put(Move, 9, 3);
        ReadNumber(pidNamespace);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.ProcessPlace);
        _code.PutJump(_end, JumpIfIs, 1, constant: self);
    }

    // r9: struct pid. From the outermost namespace inward until it is this process's own.
    private void ReadNumber(uint pidNamespace)
    {
        var isDone = new Place();
        _code.ReadMember(9, _layout.PidLevel, Other, sizeof(uint));
        for (var depth = 0; depth < Depths; depth++)
        {
            var isOther = new Place();
            var number = _layout.PidNumbers + (depth * _layout.NumberBytes);
            _code.Put(LoadWord, 1, Stack, Other);
            _code.PutJump(isDone, JumpIfLessConstant, 1, constant: depth);
            _code.Put(Move, 3, 9);
            _code.Follow(number + _layout.NumberNamespace, Scratch);
            _code.Put(AddConstant, 3, constant: _layout.PidNamespaceInode);
            _code.ReadKernel(Scratch, sizeof(uint));
            _code.Put(LoadWord, 1, Stack, Scratch);
            _code.Put(MoveConstant, 2, constant: unchecked((int)pidNamespace));
            _code.Put(ShiftLeftConstant, 2, constant: 32);
            _code.Put(ShiftRightConstant, 2, constant: 32);
            _code.PutJump(isOther, JumpIfNotEqual, 1, 2);
            _code.ReadMember(9, number + _layout.NumberValue, Record + FailedCallRecord.ProcessPlace, sizeof(int));
            _code.PutJump(isDone, Jump);
            _code.Mark(isOther);
        }
        _code.Mark(isDone);
    }

    // r9: the file, then its socket, then struct sock. Where it is none, that part stays zero.
    private void ReadSocket()
    {
        var isDone = new Place();
        _code.Put(Move, 3, 8);
        _code.Follow(_layout.TaskFiles, Scratch);
        _code.Follow(_layout.FilesTable, Scratch);
        _code.Follow(_layout.TableList, Scratch);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.DescriptorPlace);
        _code.Put(ShiftLeftConstant, 1, constant: 3);
        _code.Put(Add, 3, 1);
        _code.ReadKernel(Scratch, sizeof(ulong));
        _code.Put(LoadDouble, 9, Stack, Scratch);
        _code.PutJump(isDone, JumpIfIs, 9);
        _code.Put(Move, 3, 9);
        _code.Follow(_layout.FileData, Scratch);
        _code.Put(StoreDouble, Stack, 3, Other);
        // Only a socket knows this file as its own.
        _code.Put(AddConstant, 3, constant: _layout.SocketFile);
        _code.ReadKernel(Scratch, sizeof(ulong));
        _code.Put(LoadDouble, 1, Stack, Scratch);
        _code.PutJump(isDone, JumpIfNotEqual, 1, 9);
        _code.Put(LoadDouble, 9, Stack, Other);
        _code.ReadMember(9, _layout.SocketType, Record + FailedCallRecord.TypePlace, sizeof(ushort));
        _code.Put(Move, 3, 9);
        _code.Follow(_layout.SocketInner, Scratch);
        _code.Put(Move, 9, 3);
        _code.PutJump(isDone, JumpIfIs, 9);
        _code.ReadMember(9, _layout.InnerFamily, Record + FailedCallRecord.FamilyPlace, sizeof(ushort));
        _code.ReadMember(9, _layout.InnerProtocol, Record + FailedCallRecord.ProtocolPlace, sizeof(ushort));
        _code.ReadMember(9, _layout.InnerFlags, Record + FailedCallRecord.FlagsPlace, 1);
        _code.ReadMember(9, _layout.InnerDevice, Record + FailedCallRecord.DevicePlace, sizeof(uint));
        // struct sock_common: skc_rcv_saddr, skc_num (FailedCallLayout looks that they stand there).
        _code.ReadMember(9, 4, Record + FailedCallRecord.LocalPlace, sizeof(uint));
        _code.ReadMember(9, 14, Record + FailedCallRecord.LocalPortPlace, sizeof(ushort));
        _code.ReadMember(9, _layout.InnerLocalIPv6, Record + FailedCallRecord.LocalIPv6Place, 16);
        _code.Put(Move, 3, 9);
        _code.Follow(_layout.InnerNetwork, Scratch);
        _code.Put(AddConstant, 3, constant: _layout.NetworkInode);
        _code.ReadKernel(Record + FailedCallRecord.NetworkPlace, sizeof(uint));
        _code.Mark(isDone);
    }

    private void Fold()
    {
        var (hasDescriptor, isNew) = (new Place(), new Place());
        for (var place = 0; place < FailedCallAddress.SizeBytes; place += sizeof(ulong))
            Copy(LoadDouble, StoreDouble, FailedCallRecord.AddressPlace + place, FailedCallKey.AddressPlace + place);
        Copy(LoadWord, StoreWord, FailedCallRecord.GlobalPlace, 0);
        Copy(LoadWord, StoreWord, FailedCallRecord.ErrnoPlace, FailedCallKey.ErrnoPlace);
        Copy(LoadWord, StoreWord, FailedCallRecord.CallPlace, FailedCallKey.CallPlace);
        _code.Put(StoreWordConstant, Stack, 0, Key + FailedCallKey.DescriptorPlace);
        _code.PutJump(hasDescriptor, JumpIfIsNot, 1, constant: 1);
        Copy(LoadWord, StoreWord, FailedCallRecord.DescriptorPlace, FailedCallKey.DescriptorPlace);
        _code.Mark(hasDescriptor);

        _code.LoadMap(_maps.Folds);
        _code.PointToStack(2, Key);
        _code.Put(Call, constant: LookUpElement);
        _code.PutJump(isNew, JumpIfIs, 0);
        _code.Put(MoveConstant, 1, constant: 1);
        _code.Put(AtomicDouble, 0, 1);
        _code.Put(LoadDouble, 1, Stack, Record + FailedCallRecord.TimePlace);
        _code.Put(StoreDouble, 0, 1, sizeof(ulong));
        _code.PutJump(_end, Jump);
        _code.Mark(isNew);
    }

    private void Copy(byte load, byte store, int from, int to)
    {
        _code.Put(load, 1, Stack, (short)(Record + from));
        _code.Put(store, Stack, 1, (short)(Key + to));
    }

    private void Send()
    {
        Spend(isOfNetwork: true, OfNetwork);
        Spend(isOfNetwork: false, OfUser);
        _code.Put(StoreDoubleConstant, Stack, 0, Count);
        _code.Put(StoreDoubleConstant, Stack, 0, Count + 8);
        _code.LoadMap(_maps.Folds);
        _code.PointToStack(2, Key);
        _code.PointToStack(3, Count);
        _code.Put(MoveConstant, 4);
        _code.Put(Call, constant: UpdateElement);
        // Where there is no room to count it goes out alone.
        _code.LoadMap(_maps.Ring);
        _code.PointToStack(2, Record);
        _code.Put(MoveConstant, 3, constant: FailedCallRecord.SizeBytes);
        _code.Put(MoveConstant, 4);
        _code.Put(Call, constant: RingOutput);
        _code.PutJump(_end, JumpIfIs, 0);
        _code.LoadMap(_maps.Folds);
        _code.PointToStack(2, Key);
        _code.Put(Call, constant: DeleteElement);

        _code.Mark(_lost);
        _code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        _code.LoadMap(_maps.Lost);
        _code.PointToStack(2, Scratch);
        _code.Put(Call, constant: LookUpElement);
        _code.PutJump(_end, JumpIfIs, 0);
        _code.Put(MoveConstant, 1, constant: 1);
        _code.Put(AtomicDouble, 0, 1);
        _code.Mark(_end);
        _code.Return();
    }

    // A second and a number by user, and network namespace (0 for all).
    private void Spend(bool isOfNetwork, int limit)
    {
        var (isKnown, isSame, isSpent) = (new Place(), new Place(), new Place());
        _code.Put(LoadDouble, 7, Stack, Record + FailedCallRecord.TimePlace);
        _code.Put(ShiftRightConstant, 7, constant: SecondShift);
        _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.UserPlace);
        _code.Put(StoreWord, Stack, 1, Scratch);
        if (isOfNetwork)
            _code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.NetworkPlace);
        else
            _code.Put(MoveConstant, 1);
        _code.Put(StoreWord, Stack, 1, Scratch + 4);
        _code.LoadMap(_maps.Users);
        _code.PointToStack(2, Scratch);
        _code.Put(Call, constant: LookUpElement);
        _code.PutJump(isKnown, JumpIfIsNot, 0);
        _code.Put(StoreDouble, Stack, 7, Count);
        _code.Put(StoreDoubleConstant, Stack, 0, Count + 8, 1);
        _code.LoadMap(_maps.Users);
        _code.PointToStack(2, Scratch);
        _code.PointToStack(3, Count);
        _code.Put(MoveConstant, 4);
        _code.Put(Call, constant: UpdateElement);
        _code.PutJump(isSpent, Jump);
        _code.Mark(isKnown);
        _code.Put(LoadDouble, 1, 0, 0);
        _code.PutJump(isSame, JumpIfEqual, 1, 7);
        _code.Put(StoreDouble, 0, 7, 0);
        _code.Put(StoreDoubleConstant, 0, 0, 8);
        _code.Mark(isSame);
        _code.Put(LoadDouble, 2, 0, 8);
        _code.PutJump(_lost, JumpIfMoreThan, 2, constant: limit - 1);
        _code.Put(MoveConstant, 1, constant: 1);
        _code.Put(AtomicDouble, 0, 1, 8);
        _code.Mark(isSpent);
    }
}

/// <summary>The descriptors of the maps that the program uses.</summary>
/// <param name="Ring">Where records go.</param>
/// <param name="Folds">Counts of what is like a record that was told: <see cref="FailedCallKey"/> to <see cref="FailedCallCount"/>.</param>
/// <param name="Users">What each user has used up.</param>
/// <param name="Lost">One number: what was not told.</param>
internal readonly record struct FailedCallMaps(int Ring, int Folds, int Users, int Lost);
