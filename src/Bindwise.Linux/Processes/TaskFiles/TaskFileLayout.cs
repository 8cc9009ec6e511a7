using Bindwise.Linux.Bpf;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>What a program for the kernel's walk over all open files must know of this kernel. Offsets and sizes in bytes.</summary>
internal readonly record struct TaskFileLayout
{
    /// <summary>The largest type information that is read; that of Linux 6.18 has 5.5 MB.</summary>
    internal const int LimitBytes = 64 * 1024 * 1024;

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

    /// <summary>Looks the places up in the kernel's type information; null when one is missing, as in a kernel with randomised structures.</summary>
    internal static TaskFileLayout? Read(ReadOnlySpan<byte> typeInformation)
    {
        if (!KernelTypes.TryOpen(typeInformation, out var types))
            return null;
        var places = new Places();
        while (types.TryNext())
        {
            if (types.Current != KernelTypes.Kind.Other && places.Take(in types) && places.Complete() is { } layout)
                return layout;
        }

        return null;
    }

    private struct Places
    {
        private int? _function;
        private int? _fileInode;
        private int? _inodeNumber;
        private (int Pid, int Leader)? _task;
        private (int Level, int Numbers)? _pid;
        private (int Size, int Value)? _number;

        // The first of a name that has the members counts: other source files of the kernel may use the same name for something else.
        internal bool Take(in KernelTypes types)
        {
            if (types.Current == KernelTypes.Kind.Function)
                return types.IsNamed("bpf_iter_task_file"u8) && Set(ref _function, types.Id);
            if (types.IsNamed("file"u8))
                return Set(ref _fileInode, types.OffsetOf("f_inode"u8));
            if (types.IsNamed("inode"u8))
                return Set(ref _inodeNumber, types.OffsetOf("i_ino"u8));
            if (types.IsNamed("task_struct"u8))
                return Set(ref _task, types.OffsetOf("thread_pid"u8) is { } pid && types.OffsetOf("group_leader"u8) is { } leader ? (pid, leader) : null);
            if (types.IsNamed("pid"u8))
                return Set(ref _pid, types.OffsetOf("level"u8) is { } level && types.OffsetOf("numbers"u8) is { } numbers ? (level, numbers) : null);
            return types.IsNamed("upid"u8) && Set(ref _number, types.OffsetOf("nr"u8) is { } value && types.SizeBytes is > 0 and <= short.MaxValue ? (types.SizeBytes, value) : null);
        }

        internal readonly TaskFileLayout? Complete() =>
            _function is { } function && _fileInode is { } fileInode && _inodeNumber is { } inodeNumber && _task is { } task && _pid is { } pid && _number is { } number
                ? new TaskFileLayout
                {
                    Function = function,
                    FileInode = fileInode,
                    InodeNumber = inodeNumber,
                    TaskPid = task.Pid,
                    TaskLeader = task.Leader,
                    PidLevel = pid.Level,
                    PidNumbers = pid.Numbers,
                    NumberSize = number.Size,
                    NumberValue = number.Value,
                }
                : null;

        private static bool Set<T>(ref T? place, T? value)
            where T : struct
        {
            place ??= value;
            return place is not null;
        }
    }
}
