using Bindwise.Linux.Callers;
using static Bindwise.Linux.Bpf.Instructions;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.FailedCalls;

/// <summary>
/// Writes the end of a program: what it has gathered on its stack is counted, and told where it is the first of its kind.
/// </summary>
internal sealed class FailedCallCounting(Instructions code, FailedCallMaps maps, Place end)
{
    // On the stack: the record, what is counted at first, room for one number.
    internal const short Record = -FailedCallRecord.SizeBytes;
    internal const short Alike = Record + FailedCallRecord.AlikeAt;
    internal const short Scratch = Count - 8;
    private const short Count = Record - FailedCallCount.SizeBytes;

    private const int OnlyIfNew = 1; // BPF_NOEXIST

    internal static void Write(Instructions code, FailedCallMaps maps, Place end) => new FailedCallCounting(code, maps, end).Report();

    // The first of a key goes to the ring, the others are counted. A user has a share of the table and so of the ring, which holds as many
    // records: what is beyond it, of that user or of all, is counted as lost.
    private void Report()
    {
        var (first, lost, alone) = (new Place(), new Place(), new Place());
        LookUp(first);
        CountOnce();
        code.Mark(first);
        FindShares();
        code.Put(LoadDouble, 1, 7, FailedCallShare.OpenAt);
        code.PutJump(lost, JumpIfMoreThan, 1, constant: FailedCallShare.MostOfUser - 1);
        // No more than is left: whoever comes later still has as much as that.
        code.Put(LoadDouble, 2, 8, FailedCallShare.OpenAt);
        code.Put(Add, 1, 2);
        code.PutJump(lost, JumpIfMoreThan, 1, constant: FailedCallTap.MostAlike - 1);
        AddToShares(1, FailedCallShare.OpenAt);
        code.LoadMap(maps.Counts);
        code.PointToStack(2, Alike);
        code.PointToStack(3, Count);
        code.Put(MoveConstant, 4, constant: OnlyIfNew);
        code.Put(Call, constant: UpdateElement);
        code.PutJump(alone, JumpIfIs, 0);
        // Another processor was first.
        AddToShares(-1, FailedCallShare.OpenAt);
        LookUp(lost);
        CountOnce();

        code.Mark(alone);
        code.LoadMap(maps.Ring);
        code.PointToStack(2, Record);
        code.Put(MoveConstant, 3, constant: FailedCallRecord.SizeBytes);
        code.Put(MoveConstant, 4);
        code.Put(Call, constant: WriteToRing);
        code.PutJump(end, JumpIfIs, 0);
        code.LoadMap(maps.Counts);
        code.PointToStack(2, Alike);
        code.Put(Call, constant: DeleteElement);
        AddToShares(-1, FailedCallShare.OpenAt);
        code.Mark(lost);
        code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.UserAt);
        code.Put(StoreDouble, 7, 1, FailedCallShare.UserAt);
        AddToShares(1, FailedCallShare.LostAt);
    }

    // r7: the share of the call's user, r8: what all have taken. Both are always there.
    private void FindShares()
    {
        code.Put(StoreDoubleConstant, Stack, 0, Scratch);
        FindShare(8);
        code.Put(LoadWord, 1, Stack, Record + FailedCallRecord.UserAt);
        code.Put(AndConstant, 1, constant: FailedCallShare.Users - 1);
        code.Put(AddConstant, 1, constant: FailedCallShare.FirstUser);
        code.Put(StoreWord, Stack, 1, Scratch);
        FindShare(7);
    }

    private void FindShare(byte register)
    {
        code.LoadMap(maps.Shares);
        code.PointToStack(2, Scratch);
        code.Put(Call, constant: LookUpElement);
        code.PutJump(end, JumpIfIs, 0);
        code.Put(Move, register, 0);
    }

    private void AddToShares(int number, short place)
    {
        code.Put(MoveConstant, 1, constant: number);
        code.Put(AddToDouble, 7, 1, place);
        code.Put(AddToDouble, 8, 1, place);
    }

    // r0: what is counted under the key.
    private void LookUp(Place none)
    {
        code.LoadMap(maps.Counts);
        code.PointToStack(2, Alike);
        code.Put(Call, constant: LookUpElement);
        code.PutJump(none, JumpIfIs, 0);
    }

    private void CountOnce()
    {
        code.Put(MoveConstant, 1, constant: 1);
        code.Put(AddToDouble, 0, 1, FailedCallCount.MoreAt);
        code.Put(LoadDouble, 1, Stack, Record + FailedCallRecord.TimeAt);
        code.Put(StoreDouble, 0, 1, FailedCallCount.LastTimeAt);
        code.PutJump(end, Jump);
    }
}

/// <summary>For whom a program is.</summary>
/// <param name="PidNamespace">The inode of the PID namespace in which processes are numbered.</param>
/// <param name="LeftOut">At which address the kernel has the inode of the program whose calls are left out; 0 for none.</param>
internal readonly record struct FailedCallReader(FailedCallMaps Maps, ulong PidNamespace, ulong LeftOut)
{
    /// <summary>It is in the first PID namespace, where every process has a number.</summary>
    internal bool SeesAll => PidNamespace == NamespaceId.InitialPidNamespaceInode;
}

/// <summary>The descriptors of the maps to which the program writes.</summary>
/// <param name="Ring">The ring, for the first of each key.</param>
/// <param name="Counts">A hash table from <see cref="FailedCallAlike"/> to <see cref="FailedCallCount"/>.</param>
/// <param name="Shares">An array of <see cref="FailedCallShare"/>.</param>
internal readonly record struct FailedCallMaps(int Ring, int Counts, int Shares);
