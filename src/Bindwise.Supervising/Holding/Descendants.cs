using System.Globalization;
using System.Runtime.Versioning;
using System.Text;
using Bindwise.Linux.Native;

namespace Bindwise.Supervising.Holding;

/// <summary>The processes that a process has started, and what they have open.</summary>
[SupportedOSPlatform("linux")]
internal static class Descendants
{
    // Of /proc/PID/stat, counted behind the name's bracket: state, parent, and the start in clock ticks since the system's (proc_pid_stat(5)).
    private const int StartField = 19;
    private const int MostDescriptors = 65536;

    /// <summary>Those of a process that have not ended, without the process itself.</summary>
    internal static List<int> Of(int process)
    {
        var children = new Dictionary<int, List<int>>();
        foreach (var one in Processes())
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
        Fields(process) is { Length: > StartField } fields && ulong.TryParse(fields[StartField], CultureInfo.InvariantCulture, out var ticks) ? ticks : null;

    /// <summary>A process has a socket open.</summary>
    internal static bool HasSocket(int process, ulong inode)
    {
        var wanted = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"socket:[{inode}]"));
        Span<byte> target = stackalloc byte[64];
        foreach (var descriptor in Numbers(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd")).Take(MostDescriptors))
        {
            var link = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/fd/{descriptor}\0"));
            if (ReadLinkAt.Read(OpenAt.WorkingDirectory, link, target, out var length) == Errno.None && target[..length].SequenceEqual(wanted))
                return true;
        }
        return false;
    }

    /// <summary>The files of a folder of /proc that are numbers.</summary>
    internal static IEnumerable<int> Numbers(string folder)
    {
        IEnumerable<string> names;
        try
        {
            names = [.. Directory.EnumerateFileSystemEntries(folder).Select(static path => Path.GetFileName(path))];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            yield break;
        }
        foreach (var name in names)
        {
            if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                yield return number;
        }
    }

    private static IEnumerable<int> Processes() => ThreadFile.IsOwn ? Numbers("/proc") : [];

    private static string[] Fields(int process)
    {
        var stat = ThreadFile.Read(process, "stat"u8);
        var end = stat.LastIndexOf((byte)')');
        return end < 0 ? [] : Encoding.UTF8.GetString(stat[(end + 1)..]).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
    }
}
