using System.Runtime.Versioning;

namespace Bindwise.Linux.Processes;

/// <summary>The processes that a process has started, and what they have open.</summary>
[SupportedOSPlatform("linux")]
internal static class Descendants
{
    // Of /proc/PID/stat, counted after the name's bracket: state, parent, and the start in clock
    // ticks since the system's (proc_pid_stat(5)).
    private const int StartField = 19;
    private const int MostDescriptors = 65536;
    private const int MostProcesses = 1 << 22;
    private const int Deepest = 256;

    /// <summary>Those of a process that have not ended, without the process itself.</summary>
    internal static List<int> Of(int process) => Find(process) ?? [];

    /// <summary>The same; null where /proc cannot be read.</summary>
    internal static List<int>? Find(int process)
    {
        if (!ThreadFile.IsOwn)
            return [];
        if (NumberedFolder.Read("/proc", MostProcesses) is not { Count: > 0 } processes)
            return null;
        var children = new Dictionary<int, List<int>>();
        foreach (var one in processes)
        {
            if (Fields(one) is [not ("Z" or "X"), var parent, ..] && int.TryParse(parent, CultureInfo.InvariantCulture, out var id))
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

    /// <summary>When a process began, in clock ticks since the system's start; null where it has ended.</summary>
    internal static ulong? BeganAt(int process) =>
        Fields(process) is { Length: > StartField } fields
            && ulong.TryParse(fields[StartField], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;

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

    private static string[] Fields(int process)
    {
        var stat = ThreadFile.Read(process, "stat"u8);
        var end = stat.LastIndexOf((byte)')');
        return end < 0 ? [] : Encoding.UTF8.GetString(stat[(end + 1)..]).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
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
