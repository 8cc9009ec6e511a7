using System.Buffers.Text;
using System.Runtime.Versioning;

namespace Bindwise.Linux.Processes;

/// <summary>
/// The processes that a process has started, and what they have open. /proc/PID/status tells at once who is whose child; stat, which tells
/// when it began, waits for a process that executes a file (exec_update_lock), for ever on a file system that does not answer.
/// </summary>
[SupportedOSPlatform("linux")]
internal static class Descendants
{
    private const int MostDescriptors = 65536;
    private const int MostProcesses = 1 << 22;
    private const int Deepest = 256;

    /// <summary>Those of a process that have not ended, without the process itself.</summary>
    internal static List<int> Of(int process) => Find(process) ?? [];

    /// <summary>The same; null where /proc cannot be read.</summary>
    internal static List<int>? Find(int process)
    {
        if (!ProcMountReader.IsOwn)
            return [];
        if (NumberedFolder.Read("/proc", MostProcesses) is not { Count: > 0 } processes)
            return null;
        var children = new Dictionary<int, List<int>>();
        foreach (var one in processes)
        {
            var status = ThreadFile.Read(one, "status"u8);
            if (ProcessStatus.TryFind(status, "\nState:"u8, out var state) && state is not [(byte)'Z' or (byte)'X', ..]
                && ProcessStatus.TryFind(status, "\nPPid:"u8, out var parent) && Utf8Parser.TryParse(parent, out int id, out _))
                (children.TryGetValue(id, out var siblings) ? siblings : children[id] = []).Add(one);
        }
        var found = new List<int> { process };
        for (var index = 0; index < found.Count; index++)
        {
            if (children.Remove(found[index], out var next))
                found.AddRange(next);
        }
        found.RemoveAt(0);
        return found;
    }

    /// <summary>When a process began, in clock ticks since the system's start; null where it has ended or does not answer.</summary>
    internal static ulong? BeganAt(int process)
    {
        return BoundedWork.TryRun(Read, out var ticks) ? ticks : null;

        ulong? Read() => StatLine.TryParse(ThreadFile.Read(process, "stat"u8), out var stat) ? stat.StartTicks : null;
    }

    internal static bool HasSocket(int process, ulong inode)
    {
        var wanted = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]"));
        Span<byte> target = stackalloc byte[64];
        foreach (var descriptor in NumberedFolder.Read(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd"), MostDescriptors))
        {
            var link = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd/{descriptor}\0"));
            if (ReadLinkAt.Read(OpenAt.WorkingDirectory, link, target, out var length) == Errno.None
                && target[..length].SequenceEqual(wanted))
                return true;
        }
        return false;
    }

    /// <summary>Sends a signal to one of this process's own, and to no other that has its number by now.</summary>
    internal static void Signal(int process, int signal)
    {
        // Asked once the handle is there: what it is on cannot change any more.
        if (PidFdGetFd.OpenProcess(process, 0, out var handle) == Errno.None && IsBelow(process, Environment.ProcessId))
            _ = PidFdSignal.Send(handle, signal);
        handle.Dispose();
    }

    /// <summary>A process was started by another, or by what that one started. Reads nothing of any other process.</summary>
    internal static bool IsBelow(int process, int ancestor)
    {
        for (var depth = 0; depth < Deepest && process > 1; depth++)
        {
            if (ProcessStatus.Parse(ThreadFile.Read(process, "status"u8)).Parent is not { } parent)
                return false;
            if (parent == ancestor)
                return true;
            process = parent;
        }
        return false;
    }
}

/// <summary>The numbers that a folder of /proc has as names.</summary>
[SupportedOSPlatform("linux")]
internal static class NumberedFolder
{
    /// <summary>Reads them; none where the folder cannot be read.</summary>
    internal static List<int> Read(string path, int most)
    {
        var found = new List<int>();
        _ = ProcFile.ListNumbers(OpenAt.WorkingDirectory, Encoding.ASCII.GetBytes(path + "\0"), most, found);
        return found;
    }
}
