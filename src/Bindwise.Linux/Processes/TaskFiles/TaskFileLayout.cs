using Bindwise.Linux.Bpf;
using static Bindwise.Linux.Bpf.Instructions;
using static Bindwise.Linux.Bpf.KernelMembers;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>What a program for the kernel's walk over all open files must know of this kernel. Offsets and sizes in bytes.</summary>
internal sealed record TaskFileLayout
{
    /// <summary>BTF id of bpf_iter_task_file, the function that stands for the iterator.</summary>
    internal int Function { get; init; }

    /// <summary>struct file: f_inode.</summary>
    internal int FileInode { get; init; }

    /// <summary>struct inode: i_ino.</summary>
    internal int InodeNumber { get; init; }

    /// <summary>struct task_struct: thread_pid.</summary>
    internal int TaskPid { get; init; }

    /// <summary>struct task_struct: group_leader.</summary>
    internal int TaskLeader { get; init; }

    /// <summary>struct pid: level, the depth of its innermost PID namespace.</summary>
    internal int PidLevel { get; init; }

    /// <summary>struct pid: numbers, one struct upid a namespace.</summary>
    internal int PidNumbers { get; init; }

    /// <summary>struct upid: its size.</summary>
    internal int NumberSize { get; init; }

    /// <summary>struct upid: nr.</summary>
    internal int NumberValue { get; init; }

    private static readonly KernelPlace WalkOfFiles = KernelPlace.Function("bpf_iter_task_file");
    private static readonly KernelLayout<TaskFileLayout> RunningKernel = new(Read);

    internal static ImmutableArray<KernelPlace> Places { get; } =
        [WalkOfFiles, InodeOfFile, NumberOfInode, PidOfTask, LeaderOfTask, LevelOfPid, NumbersOfPid, SizeOfNumber, ValueOfNumber];

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static TaskFileLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>The running kernel's layout was found in another search.</summary>
    internal static void Know(TaskFileLayout layout) => RunningKernel.Know(layout);

    /// <summary>
    /// r9: where a struct pid has a task's number in the reader's PID namespace, at the reader's depth, as /proc shows it. The verifier
    /// could follow these pointers too, but for each it looks through all names of the kernel several times (btf_nested_type_is_trusted):
    /// a millisecond in all.
    /// </summary>
    /// <param name="scratch">Eight bytes on the stack.</param>
    internal void LoadDepth(Instructions code, short scratch)
    {
        code.Put(Call, constant: CurrentTask);
        code.Follow(0, TaskPid, scratch);
        code.ReadMember(PidLevel, scratch, sizeof(int));
        code.Put(LoadWord, 9, Stack, scratch);
        code.Put(MultiplyConstant, 9, constant: NumberSize);
        code.Put(AddConstant, 9, constant: PidNumbers + NumberValue);
    }

    /// <summary>
    /// Looks the places up in the kernel's type information; null when one is missing, as in a kernel with randomised structures.
    /// </summary>
    internal static TaskFileLayout? Read(ReadOnlySpan<byte> typeInformation) =>
        KernelPlaces.Read(typeInformation, Places.AsSpan()) is { } found ? Of(found) : null;

    /// <summary>The layout by what was found of <see cref="Places"/>.</summary>
    internal static TaskFileLayout Of(KernelPlaces found) => new()
    {
        Function = found[WalkOfFiles],
        FileInode = found[InodeOfFile],
        InodeNumber = found[NumberOfInode],
        TaskPid = found[PidOfTask],
        TaskLeader = found[LeaderOfTask],
        PidLevel = found[LevelOfPid],
        PidNumbers = found[NumbersOfPid],
        NumberSize = found[SizeOfNumber],
        NumberValue = found[ValueOfNumber],
    };
}
