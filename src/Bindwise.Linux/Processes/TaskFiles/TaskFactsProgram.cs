using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.Instructions;
using static Bindwise.Linux.Bpf.KernelMembers;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>
/// Writes the program that the kernel runs for each task (kernel/bpf/task_iter.c): for the first one of a process it writes
/// <see cref="TaskFacts"/>. Everything is read by bpf_probe_read_kernel, which cannot do harm and gives zeros for what is not there; the
/// command line by bpf_copy_from_user_task, which waits for the process's memory as a read of /proc/PID/cmdline does.
/// </summary>
internal sealed class TaskFactsProgram(TaskFactsLayout layout)
{
    /// <summary>A longer command line is left to /proc: few are.</summary>
    internal const int ArgumentsLimit = 4096;

    // struct bpf_iter__task, checked by the verifier.
    private const short Task = 8;

    // Places of a struct signal_struct's pids (enum pid_type, include/linux/pid_types.h).
    private const int GroupOfSignal = 2 * sizeof(ulong);
    private const int SessionOfSignal = 3 * sizeof(ulong);

    private const short Answer = -TaskFacts.SizeBytes;
    private const short Scratch = Answer - 8;
    private const short Kept = Answer - 16;
    private const short Key = Answer - 24;

    private readonly Instructions _code = new();
    private readonly Place _end = new();

    /// <param name="room">An array of one element of <see cref="ArgumentsLimit"/> bytes, for the command lines; null without them.</param>
    internal static ulong[] Write(TaskFactsLayout layout, WalkExtent extent, int? room)
    {
        var program = new TaskFactsProgram(layout);
        program.Identify();
        if (extent == WalkExtent.Identity)
        {
            program._code.WriteSequence(6, Answer, TaskFacts.IdentityBytes);
        }
        else
        {
            program.Describe();
            program.Emit(room);
        }
        program._code.Mark(program._end);
        program._code.Return();
        return program._code.ToArray();
    }

    // r6: the context, r7: the task, r9: where a struct pid has its number at the reader's depth.
    private void Identify()
    {
        var tasks = layout.Tasks;
        _code.Begin(Task, _end);
        FromTask(tasks.TaskLeader);
        var leads = new Place();
        _code.PutJump(leads, JumpIfEqual, 3, 7);
        _code.PutJump(_end, Jump);
        _code.Mark(leads);
        tasks.LoadDepth(_code, Scratch);

        FromTask(tasks.TaskPid);
        Number(TaskFacts.ProcessAt);
        _code.ReadMember(7, layout.Start, Answer + TaskFacts.StartAt, sizeof(ulong));
        _code.ReadMember(7, layout.Cgroups, Answer + TaskFacts.CgroupsAt, sizeof(ulong));
        FromTask(layout.Folders);
        Read(layout.WorkingDirectory, TaskFacts.FolderAt, TaskFactsLayout.PathBytes);
        FromTask(layout.Memory);
        _code.Follow(layout.Executable, Scratch);
        Read(layout.PathOfFile, TaskFacts.ExecutableAt, TaskFactsLayout.PathBytes);
    }

    private void Describe()
    {
        var tasks = layout.Tasks;
        FromTask(tasks.TaskPid);
        _code.Put(LoadWord, 1, Stack, Answer + TaskFacts.ProcessAt + sizeof(int));
        _code.Put(MultiplyConstant, 1, constant: tasks.NumberSize);
        _code.Put(Add, 3, 1);
        Read(tasks.PidNumbers + tasks.NumberValue, TaskFacts.InnerNumberAt, sizeof(int));

        FromTask(layout.Parent);
        _code.Follow(tasks.TaskLeader, Scratch);
        _code.Follow(tasks.TaskPid, Scratch);
        Number(TaskFacts.ParentAt);
        FromTask(layout.Signal);
        _code.Follow(layout.PidsOfSignal + GroupOfSignal, Scratch);
        Number(TaskFacts.GroupAt);
        FromTask(layout.Signal);
        _code.Follow(layout.PidsOfSignal + SessionOfSignal, Scratch);
        Number(TaskFacts.SessionAt);

        _code.ReadMember(7, layout.Name, Answer + TaskFacts.NameAt, TaskFacts.NameBytes);
        _code.ReadMember(7, layout.State, Answer + TaskFacts.StateAt, sizeof(uint));
        _code.ReadMember(7, layout.ExitState, Answer + TaskFacts.ExitStateAt, sizeof(uint));
        FromTask(layout.Credentials);
        Read(layout.EffectiveUser, TaskFacts.UserAt, sizeof(uint));
        FromTask(layout.Signal);
        Read(layout.Terminal, TaskFacts.TerminalAt, sizeof(ulong));
        FromTask(layout.Signal);
        Read(layout.ReapedFaults, TaskFacts.ReapedFaultsAt, sizeof(ulong));
        FromTask(layout.Namespaces);
        _code.Follow(layout.MountsOfNamespaces, Scratch);
        Read(layout.CommonOfMounts + layout.NamespaceNumber, TaskFacts.MountsAt, sizeof(uint));
        _code.Put(StoreWordConstant, Stack, 0, Answer + TaskFacts.PaddingAt);

        FromTask(layout.Memory);
        _code.Put(StoreDouble, Stack, 3, Kept);
        Read(layout.ArgumentsStart, TaskFacts.ArgumentsStartAt, sizeof(ulong));
        _code.Put(LoadDouble, 3, Stack, Kept);
        Read(layout.ArgumentsEnd, TaskFacts.ArgumentsEndAt, sizeof(ulong));
    }

    // r8: the room, r9: how many bytes of the command line are in it.
    private void Emit(int? room)
    {
        var none = new Place();
        if (room is { } map)
        {
            _code.Put(StoreWordConstant, Stack, 0, Key);
            _code.LoadMap(map);
            _code.PointToStack(2, Key);
            _code.Put(Call, constant: LookUpElement);
            _code.PutJump(none, JumpIfIs, 0);
            _code.Put(Move, 8, 0);
            _code.Put(LoadDouble, 3, Stack, Answer + TaskFacts.ArgumentsStartAt);
            _code.Put(LoadDouble, 9, Stack, Answer + TaskFacts.ArgumentsEndAt);
            _code.Put(Subtract, 9, 3);
            _code.PutJump(none, JumpIfMoreThan, 9, constant: ArgumentsLimit);
            _code.Put(Move, 1, 8);
            _code.Put(Move, 2, 9);
            _code.Put(Move, 4, 7);
            _code.Put(MoveConstant, 5);
            _code.Put(Call, constant: CopyFromTask);
            _code.PutJump(none, JumpIfIsNot, 0);
            _code.Put(StoreDouble, Stack, 9, Answer + TaskFacts.ArgumentsBytesAt);
            _code.WriteSequence(6, Answer, TaskFacts.SizeBytes);
            // Both, or neither: what does not fit any more is written anew, by another call for the same task (seq_has_overflowed()).
            _code.LoadSequence(6);
            _code.Put(Move, 2, 8);
            _code.Put(Move, 3, 9);
            _code.Put(Call, constant: SequenceWrite);
            _code.PutJump(_end, Jump);
        }
        _code.Mark(none);
        _code.Put(StoreDoubleConstant, Stack, 0, Answer + TaskFacts.ArgumentsBytesAt);
        _code.WriteSequence(6, Answer, TaskFacts.SizeBytes);
    }

    /// <summary>r3: what a member of the task points to.</summary>
    private void FromTask(int member)
    {
        _code.Follow(7, member, Scratch);
    }

    /// <summary>Reads a member of what r3 points to into the answer.</summary>
    private void Read(int member, short place, int sizeBytes)
    {
        _code.ReadMember(member, (short)(Answer + place), sizeBytes);
    }

    /// <summary>Reads the struct pid to which r3 points into the answer, as a <see cref="KernelPid"/>.</summary>
    private void Number(short place)
    {
        _code.Put(StoreDouble, Stack, 3, Kept);
        _code.Put(Add, 3, 9);
        // struct upid: number, padding, namespace; the level goes into the padding.
        _code.ReadKernel((short)(Answer + place), TaskFactsLayout.NumberBytes);
        _code.Put(LoadDouble, 3, Stack, Kept);
        Read(layout.Tasks.PidLevel, (short)(place + sizeof(int)), sizeof(int));
    }
}

/// <summary>Where this kernel has what <see cref="TaskFacts"/> tell. Offsets in bytes; members of struct task_struct unless said.</summary>
internal sealed class TaskFactsLayout(KernelPlaces found, TaskFileLayout tasks)
{
    /// <summary>struct path: a mount and a directory entry.</summary>
    internal const int PathBytes = 2 * sizeof(ulong);

    /// <summary>struct upid: a number, padding, and a namespace.</summary>
    internal const int NumberBytes = 2 * sizeof(ulong);

    /// <summary>BTF id of bpf_iter_task, the function that stands for the iterator.</summary>
    internal int Function => found[WalkOfTasks];

    internal int Memory => found[MemoryOfTask];
    internal int Parent => found[ParentOfTask];
    internal int Start => found[StartOfTask];
    internal int State => found[StateOfTask];
    internal int ExitState => found[ExitOfTask];
    internal int Name => found[NameOfTask];
    internal int Folders => found[FoldersOfTask];
    internal int Namespaces => found[NamespacesOfTask];
    internal int Signal => found[SignalOfTask];
    internal int Cgroups => found[CgroupsOfTask];
    internal int Credentials => found[CredentialsOfTask];

    /// <summary>struct mm_struct: arg_start, arg_end, exe_file.</summary>
    internal int ArgumentsStart => found[StartOfArguments];
    internal int ArgumentsEnd => found[EndOfArguments];
    internal int Executable => found[FileOfMemory];

    /// <summary>struct file: f_path.</summary>
    internal int PathOfFile => found[PathWithinFile];

    /// <summary>struct fs_struct: pwd.</summary>
    internal int WorkingDirectory => found[FolderAmongFolders];

    /// <summary>struct signal_struct: pids, tty, cmin_flt.</summary>
    internal int PidsOfSignal => found[PidsWithinSignal];
    internal int Terminal => found[TerminalOfSignal];
    internal int ReapedFaults => found[FaultsOfSignal];

    /// <summary>struct cred: euid.</summary>
    internal int EffectiveUser => found[UserOfCredentials];

    /// <summary>struct nsproxy: mnt_ns; struct mnt_namespace: ns; struct ns_common: inum.</summary>
    internal int MountsOfNamespaces => found[MountsAmongNamespaces];
    internal int CommonOfMounts => found[CommonPartOfMounts];
    internal int NamespaceNumber => found[NumberOfNamespace];

    /// <summary>What numbers are read by. Sought in the same walk: the larger part of what all this costs.</summary>
    internal TaskFileLayout Tasks { get; } = tasks;

    private static readonly KernelPlace MemoryOfTask = KernelPlace.Offset("task_struct", "mm");
    private static readonly KernelPlace ParentOfTask = KernelPlace.Offset("task_struct", "real_parent");
    private static readonly KernelPlace StartOfTask = KernelPlace.Offset("task_struct", "start_boottime");
    private static readonly KernelPlace StateOfTask = KernelPlace.Offset("task_struct", "__state");
    private static readonly KernelPlace ExitOfTask = KernelPlace.Offset("task_struct", "exit_state");
    private static readonly KernelPlace FoldersOfTask = KernelPlace.Offset("task_struct", "fs");
    private static readonly KernelPlace SignalOfTask = KernelPlace.Offset("task_struct", "signal");
    private static readonly KernelPlace CgroupsOfTask = KernelPlace.Offset("task_struct", "cgroups");
    private static readonly KernelPlace CredentialsOfTask = KernelPlace.Offset("task_struct", "real_cred");
    private static readonly KernelPlace StartOfArguments = KernelPlace.OffsetWithin("mm_struct", "arg_start");
    private static readonly KernelPlace EndOfArguments = KernelPlace.OffsetWithin("mm_struct", "arg_end");
    private static readonly KernelPlace FileOfMemory = KernelPlace.OffsetWithin("mm_struct", "exe_file");
    private static readonly KernelPlace PathWithinFile = KernelPlace.OffsetWithin("file", "f_path");
    private static readonly KernelPlace FolderAmongFolders = KernelPlace.Offset("fs_struct", "pwd");
    private static readonly KernelPlace SizeOfPath = KernelPlace.Size("path");
    private static readonly KernelPlace PidsWithinSignal = KernelPlace.Offset("signal_struct", "pids");
    private static readonly KernelPlace TerminalOfSignal = KernelPlace.Offset("signal_struct", "tty");
    private static readonly KernelPlace FaultsOfSignal = KernelPlace.Offset("signal_struct", "cmin_flt");
    private static readonly KernelPlace MountsAmongNamespaces = KernelPlace.Offset("nsproxy", "mnt_ns");
    private static readonly KernelPlace CommonPartOfMounts = KernelPlace.Offset("mnt_namespace", "ns");
    private static readonly KernelLayout<TaskFactsLayout> RunningKernel = new(Read);

    internal static ImmutableArray<KernelPlace> Places { get; } =
    [
        WalkOfTasks, MemoryOfTask, ParentOfTask, StartOfTask, StateOfTask, ExitOfTask, NameOfTask, FoldersOfTask, NamespacesOfTask,
        SignalOfTask, CgroupsOfTask, CredentialsOfTask, StartOfArguments, EndOfArguments, FileOfMemory, PathWithinFile, FolderAmongFolders,
        SizeOfPath, PidsWithinSignal, TerminalOfSignal, FaultsOfSignal, UserOfCredentials, MountsAmongNamespaces, CommonPartOfMounts,
        NumberOfNamespace, NamespaceOfNumber, .. TaskFileLayout.Places,
    ];

    /// <summary>This kernel's structures; null when they cannot be told (before Linux 5.14), or are of another kind.</summary>
    internal static TaskFactsLayout? OfThisKernel()
    {
        var layout = RunningKernel.Read();
        if (layout is not null)
            TaskFileLayout.Know(layout.Tasks);
        return layout;
    }

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static TaskFactsLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (KernelPlaces.Read(typeInformation, Places.AsSpan()) is not { } found)
            return null;
        var tasks = TaskFileLayout.Of(found);
        if (tasks is not { NumberSize: NumberBytes, NumberValue: 0 } || found[NamespaceOfNumber] != sizeof(ulong)
            || found[SizeOfPath] != PathBytes)
            return null;
        return new TaskFactsLayout(found, tasks);
    }
}
