using System.Runtime.InteropServices;
using Bindwise.Linux.Bpf;
using Bindwise.Linux.Callers;
using Bindwise.Linux.Processes.TaskFiles;
using static Bindwise.Linux.Bpf.Instructions;
using static Bindwise.Linux.Bpf.KernelMembers;
using Instructions = Bindwise.Linux.Bpf.Instructions;

namespace Bindwise.Linux.NetworkNamespaces;

/// <summary>
/// The network namespace of each process, by one walk of the kernel's own over its tasks (kernel/bpf/task_iter.c): less than a microsecond
/// a task, where a link of /proc costs 60 a process on a busy host. Needs Linux 5.8, CAP_BPF and CAP_PERFMON.
/// </summary>
internal static class TaskNetworks
{
    /// <returns>The processes in the order of their numbers; null when /proc must be asked: for want of rights or of support by the kernel,
    /// or because this process itself is not where /proc says that it is.</returns>
    internal static List<TaskNetwork>? Read(int procDirectory)
    {
        if (!KernelIterator.IsAllowed() || !TaskFileSearch.IsOfOurNamespace(procDirectory)
            || TaskNetworkLayout.OfThisKernel() is not { } layout)
            return null;
        var found = KernelIterator.Walk<TaskNetwork>(TaskNetworkProgram.Write(layout), layout.Function,
            static one => one is { ProcessId: > 0, Network: not 0 });
        var own = NamespaceId.Of("/proc/self/ns/net\0"u8)?.Inode;
        return found is not null && found.Exists(one => one.ProcessId == Environment.ProcessId && one.Network == own) ? found : null;
    }
}

/// <summary>What the program writes for a process.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TaskNetwork
{
    internal const int SizeBytes = 8;

    /// <summary>The process, in the reader's PID namespace.</summary>
    internal int ProcessId { get; init; }

    /// <summary>The inode of its network namespace's file; 0 for a process that is ending and has left it.</summary>
    internal uint Network { get; init; }
}

/// <summary>
/// Writes the program that the kernel runs for each task: for the first one of a process it writes a <see cref="TaskNetwork"/>. Everything
/// is read by bpf_probe_read_kernel, which cannot do harm and gives zeros for what is not there.
/// </summary>
internal static class TaskNetworkProgram
{
    // struct bpf_iter__task, checked by the verifier.
    private const short Task = 8;

    private const short Answer = -TaskNetwork.SizeBytes;
    private const short AnswerProcess = Answer;
    private const short AnswerNetwork = Answer + 4;
    private const short Scratch = Answer - 8;

    internal static ulong[] Write(TaskNetworkLayout layout)
    {
        var tasks = layout.Tasks;
        var code = new Instructions();
        var end = new Place();
        // r6: the context, r7: the task.
        code.Begin(Task, end);
        code.Follow(7, tasks.TaskLeader, Scratch);
        code.Put(LoadDouble, 1, Stack, Scratch);
        var leads = new Place();
        code.PutJump(leads, JumpIfEqual, 1, 7);
        code.PutJump(end, Jump);
        code.Mark(leads);

        code.Follow(7, layout.TaskNamespaces, Scratch);
        code.Follow(layout.NetworkOfNamespaces, Scratch);
        code.ReadMember(layout.CommonOfNetwork + layout.Number, AnswerNetwork, sizeof(uint));

        tasks.LoadDepth(code, Scratch);
        code.Follow(7, tasks.TaskPid, Scratch);
        code.Put(Add, 3, 9);
        code.ReadKernel(AnswerProcess, sizeof(int));
        code.WriteSequence(6, Answer, TaskNetwork.SizeBytes);
        code.Mark(end);
        code.Return();
        return code.ToArray();
    }
}

/// <summary>Where this kernel has a task's network namespace. Offsets in bytes.</summary>
internal sealed class TaskNetworkLayout(KernelPlaces found)
{
    /// <summary>BTF id of bpf_iter_task, the function that stands for the iterator.</summary>
    internal int Function => found[WalkOfTasks];

    /// <summary>struct task_struct: nsproxy.</summary>
    internal int TaskNamespaces => found[NamespacesOfTask];

    /// <summary>struct nsproxy: net_ns.</summary>
    internal int NetworkOfNamespaces => found[NetworkAmongNamespaces];

    /// <summary>struct net: ns.</summary>
    internal int CommonOfNetwork => found[CommonPartOfNetwork];

    /// <summary>struct ns_common: inum.</summary>
    internal int Number => found[NumberOfNamespace];

    /// <summary>What a task's number is read by. Sought in the same walk: the larger part of what all this costs.</summary>
    internal TaskFileLayout Tasks { get; } = TaskFileLayout.Of(found);

    private static readonly KernelLayout<TaskNetworkLayout> RunningKernel = new(Read);

    /// <summary>This kernel's structures; null when they cannot be told.</summary>
    internal static TaskNetworkLayout? OfThisKernel() => RunningKernel.Read();

    /// <summary>Looks the places up in the kernel's type information; null when one is missing.</summary>
    internal static TaskNetworkLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        var found = KernelPlaces.Read(typeInformation,
            [WalkOfTasks, NamespacesOfTask, NetworkAmongNamespaces, CommonPartOfNetwork, NumberOfNamespace, .. TaskFileLayout.Places]);
        return found is null ? null : new TaskNetworkLayout(found);
    }
}
