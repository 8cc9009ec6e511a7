using System.Runtime.InteropServices;

namespace Bindwise.Linux.Processes.TaskFiles;

/// <summary>What the program writes for a socket: by which descriptor of which thread it is held.</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct TaskFile
{
    /// <summary>The size of one, in bytes.</summary>
    internal const int SizeBytes = 24;

    /// <summary>The process, in the reader's PID namespace; 0 when it could not be read.</summary>
    internal int ProcessId { get; init; }

    /// <summary>The thread, the same as the process for its leader.</summary>
    internal int ThreadId { get; init; }

    /// <summary>The descriptor.</summary>
    internal int Descriptor { get; init; }

    private readonly int _padding;

    /// <summary>The socket's inode.</summary>
    internal ulong Inode { get; init; }
}
